import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { eventually } from '../../lab/eventually.ts';
import { Steps } from '../database/steps.ts';
import { PRIMARY, type Region, STANDBY, TwoRegions } from '../database/two-regions.ts';
import type { Run } from './matrix.ts';

const WRITERS = 4;

/** What four sessions that write without pause saw of one freeze. */
export interface Frozen {
  acknowledged: number;
  /** Acknowledged by the old primary after it was woken, when the new one had taken writes. */
  onOldTimeline: number;
  /** From waking the old region to the end of its PostgreSQL. */
  goneAfterMs: number;
}

interface Direction {
  from: Region;
  to: Region;
}

/**
 * The old primary is frozen with its guard, the standby promoted, and the old one woken, under write load. A frozen
 * guard cannot act before it is woken, nor be surely woken before its PostgreSQL. So the application's role has
 * time-outs shorter than the ttl: they end the sessions first.
 */
export async function freezeAndWake(
  regions: TwoRegions,
  steps = new Steps(regions),
  { from, to }: Direction = { from: PRIMARY, to: STANDBY },
): Promise<Frozen> {
  await regions.sql(from, 'create table if not exists orders (id bigserial primary key)');
  const acknowledged: number[] = [];
  const sessions = Array.from({ length: WRITERS }, () => regions.connect(from, 'application', 60_000));
  const writing = Promise.all((await Promise.all(sessions)).map((client) => writeOrders(client, acknowledged)));
  await eventually({ what: 'writes', withinMs: 10_000, everyMs: 10 }, async () => {
    if (acknowledged.length <= 100) throw new Error(`${acknowledged.length} so far`);
  });
  regions.signal(from, 'SIGSTOP');
  await promote(regions, steps, to);

  const wokenAt = performance.now();
  regions.signal(from, 'SIGCONT');
  await writing;
  await eventually({ what: 'the old primary to be gone', withinMs: 3_000, everyMs: 20 }, () => refused(regions, from));
  const goneAfterMs = Math.round(performance.now() - wokenAt);
  const onOldTimeline = acknowledged.filter((at) => at > wokenAt).length;
  return { acknowledged: acknowledged.length, onOldTimeline, goneAfterMs };
}

async function promote(regions: TwoRegions, steps: Steps, to: Region): Promise<void> {
  const fenced = await steps.fence();
  if (!fenced.proved) throw new Error(`the fence is not proved: ${fenced.evidence}`);
  const { timelineBefore, timelineAfter } = await steps.promote(fenced, new Date().toISOString());
  if (timelineAfter !== timelineBefore + 1) throw new Error(`timeline ${timelineBefore}, then ${timelineAfter}`);
  await regions.sql(to, 'insert into orders default values');
}

async function refused(regions: TwoRegions, region: Region): Promise<void> {
  const client = await regions.connect(region).catch((error: NodeJS.ErrnoException) => error.code);
  if (client === 'ECONNREFUSED') return;
  if (typeof client === 'object') client.end().catch(() => {});
  throw new Error('it is there');
}

/** Orders written one after another; ends when the connection does. */
async function writeOrders(client: pg.Client, acknowledged: number[]): Promise<void> {
  try {
    for (;;) {
      await client.query('insert into orders default values');
      acknowledged.push(performance.now());
    }
  } catch {
    // The primary is gone: that is the end of writing.
  } finally {
    client.end().catch(() => {});
  }
}

/**
 * As often as wished, from one region to the other and back: the one that was left is rebuilt as a standby. Regions in
 * which something went wrong are replaced.
 */
export async function* splitBrain(times: number): AsyncGenerator<Run> {
  let regions: TwoRegions | null = null;
  let direction: Direction = { from: PRIMARY, to: STANDBY };
  try {
    for (let run = 1; run <= times; run++) {
      if (regions === null) direction = { from: PRIMARY, to: STANDBY };
      regions ??= await TwoRegions.start();
      const { from, to } = direction;
      const seen = await freezeOnce(regions, direction, `split brain ${run}, ${from} frozen`);
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

async function freezeOnce(regions: TwoRegions, direction: Direction, name: string): Promise<Run> {
  try {
    const steps = new Steps(regions, Date.now(), direction);
    const { acknowledged, onOldTimeline, goneAfterMs } = await freezeAndWake(regions, steps, direction);
    const wrong = onOldTimeline === 0 ? null : `${onOldTimeline} of them on the old timeline`;
    await rebuildLeft(regions, steps, direction.from);
    return { name: `${name}: ${acknowledged} acknowledged, gone ${goneAfterMs} ms after it woke`, struck: true, wrong };
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
