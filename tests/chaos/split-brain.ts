import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../lab/eventually.ts';
import type { ProcessEntry } from '../../lab/process-table.ts';
import { membersOf } from '../../lab/supervisor.ts';
import { Steps } from '../support/database/steps.ts';
import { PRIMARY, type Region, STANDBY, TwoRegions } from '../support/database/two-regions.ts';
import { type Acknowledged, ClingingWriters } from './clinging-writers.ts';
import { commitsOnDisk } from './commits-on-disk.ts';
import type { Run } from './matrix.ts';

/** Sessions that write when it happens, and as many that connect while nothing moves. */
const WRITERS = 4;
const WRITES = 100;
const STILL_WITHIN_MS = 10_000;
const GUARD_LATER_MS = 100;

/** What stands still: all of a region, or only the guard, while its PostgreSQL goes on. */
export type Frozen = 'region' | 'guard';

/** What sessions that write without pause, and never give up, saw of one freeze. */
export interface Seen {
  acknowledged: number;
  /** Made before the freeze, as the log tells, with an answer that was under way meanwhile. */
  answeredLate: number;
  /** Otherwise acknowledged by the old primary since the new one could have taken writes. */
  onOldTimeline: (Acknowledged & { log: string })[];
  /** From waking what was frozen to the end of the old PostgreSQL. */
  goneAfterMs: number;
}

interface Direction {
  from: Region;
  to: Region;
}

/**
 * The old primary's guard is frozen, alone or with its whole region, the standby promoted, and what was frozen woken,
 * under write load. Writers connect again whenever they can: before, meanwhile and after.
 */
export async function freezeAndWake(
  regions: TwoRegions,
  frozen: Frozen,
  steps = new Steps(regions),
  { from, to }: Direction = { from: PRIMARY, to: STANDBY },
): Promise<Seen> {
  await regions.sql(from, 'create table if not exists orders (id bigserial primary key)');
  const writers = new ClingingWriters(regions, from);
  try {
    writers.start(WRITERS);
    await writers.written(WRITES);
    await freeze(regions, from, frozen);
    writers.start(WRITERS);
    // With its PostgreSQL alive every answer has arrived by then.
    const frozenAt = new Date().toISOString();
    const made = frozen === 'region' ? await commitsOnDisk(regions, from) : new Map<string, string>();
    const promotingAt = await promote(regions, steps, frozen, to);

    const wokenAt = performance.now();
    await wake(regions, from);
    const patience = { what: 'the old primary to be gone', withinMs: 15_000, everyMs: 20 };
    await eventually(patience, () => refused(regions, from));
    const goneAfterMs = Math.round(performance.now() - wokenAt);
    const late = writers.acknowledged.filter(({ at }) => at > promotingAt);
    const unmade = late.filter(({ transaction }) => !made.has(transaction));
    const answeredLate = late.length - unmade.length;
    const log = unmade.length === 0 ? made : await commitsOnDisk(regions, from);
    const seen = (transaction: string) => `${log.get(transaction) ?? 'not in the log'}; frozen by ${frozenAt}`;
    const onOldTimeline = unmade.map((one) => ({ ...one, log: seen(one.transaction) }));
    return { acknowledged: writers.acknowledged.length, answeredLate, onOldTimeline, goneAfterMs };
  } finally {
    await writers.stop();
  }
}

/** Sends it again to what was started while it was sent: nothing may slip through. */
async function freeze(regions: TwoRegions, region: Region, frozen: Frozen): Promise<void> {
  await eventually({ what: `${frozen} to stand still`, withinMs: STILL_WITHIN_MS, everyMs: 1 }, async () => {
    send(members(regions, region, frozen), 'SIGSTOP');
    const moving = members(regions, region, frozen).filter(({ state }) => state !== 'T');
    if (moving.length > 0) throw new Error(`${moving.length} of its processes move`);
  });
}

/** A busy machine may let the guard go on that much later than its PostgreSQL. */
async function wake(regions: TwoRegions, region: Region): Promise<void> {
  send(
    members(regions, region, 'region').filter(({ pid }) => !isGuard(regions, region, pid)),
    'SIGCONT',
  );
  await sleep(GUARD_LATER_MS);
  send(members(regions, region, 'guard'), 'SIGCONT');
}

function members(regions: TwoRegions, region: Region, frozen: Frozen): ProcessEntry[] {
  const all = membersOf(regions.records(region));
  return frozen === 'region' ? all : all.filter(({ pid }) => isGuard(regions, region, pid));
}

function isGuard(regions: TwoRegions, region: Region, pid: number): boolean {
  return regions.records(region).some((record) => record.pid === pid);
}

function send(processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Answers when it began. Of a PostgreSQL that runs on the fence is not proved; people then accept the risk. */
async function promote(regions: TwoRegions, steps: Steps, frozen: Frozen, to: Region): Promise<number> {
  const fenced = await steps.fence();
  const { proved, evidence } = fenced;
  if (proved !== (frozen === 'region')) throw new Error(`the fence is ${proved ? '' : 'not '}proved: ${evidence}`);
  const promotingAt = performance.now();
  const { timelineBefore, timelineAfter } = await steps.promote(fenced, new Date().toISOString());
  if (timelineAfter !== timelineBefore + 1) throw new Error(`timeline ${timelineBefore}, then ${timelineAfter}`);
  await regions.sql(to, 'insert into orders default values');
  return promotingAt;
}

async function refused(regions: TwoRegions, region: Region): Promise<void> {
  const client = await regions.connect(region).catch((error: NodeJS.ErrnoException) => error.code);
  if (client === 'ECONNREFUSED') return;
  if (typeof client === 'object') client.end().catch(() => {});
  throw new Error('it is there');
}

/**
 * As often as wished, from one region to the other and back: the one that was left is rebuilt as a standby. Regions in
 * which something went wrong are replaced.
 */
export async function* splitBrain(times: number, frozen: Frozen): AsyncGenerator<Run> {
  let regions: TwoRegions | null = null;
  let direction: Direction = { from: PRIMARY, to: STANDBY };
  try {
    for (let run = 1; run <= times; run++) {
      if (regions === null) direction = { from: PRIMARY, to: STANDBY };
      regions ??= await TwoRegions.start();
      const { from, to } = direction;
      const what = frozen === 'region' ? from : `the guard of ${from}`;
      const seen = await freezeOnce(regions, frozen, direction, `split brain ${run}, ${what} frozen`);
      yield seen;
      if (seen.wrong === null) direction = { from: to, to: from };
      else {
        await regions.end();
        regions = null;
      }
    }
  } finally {
    await regions?.end();
  }
}

async function freezeOnce(regions: TwoRegions, frozen: Frozen, direction: Direction, name: string): Promise<Run> {
  try {
    const steps = new Steps(regions, Date.now(), direction);
    const seen = await freezeAndWake(regions, frozen, steps, direction);
    const count = seen.onOldTimeline.length;
    const which = seen.onOldTimeline.map(({ transaction, log }) => `${transaction} (${log})`).join(', ');
    const wrong = count === 0 ? null : `${count} acknowledged on the old timeline: ${which}`;
    await rebuildLeft(regions, steps, direction.from);
    const how = `${seen.acknowledged} acknowledged, ${seen.answeredLate} of before the freeze answered late`;
    return { name: `${name}: ${how}, gone ${seen.goneAfterMs} ms after it woke`, struck: true, wrong };
  } catch (error) {
    return { name, struck: true, wrong: String(error) };
  }
}

/** What is kept of each round would fill the disk. */
async function rebuildLeft(regions: TwoRegions, steps: Steps, region: Region): Promise<void> {
  await steps.rebuildOld();
  const home = dirname(regions.data(region));
  const kept = (await readdir(home)).filter((name) => name.includes('.before-'));
  await Promise.all(kept.map((name) => rm(join(home, name), { recursive: true })));
}
