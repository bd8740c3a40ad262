import type pg from 'pg';
import { eventually } from '../../lab/eventually.ts';
import { Steps } from '../database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../database/two-regions.ts';
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

/**
 * The old primary is frozen with its guard, the standby promoted, and the old one woken, under write load. A frozen
 * guard cannot act before it is woken, nor be surely woken before its PostgreSQL. So the application's role has
 * time-outs shorter than the ttl: they end the sessions first.
 */
export async function freezeAndWake(regions: TwoRegions): Promise<Frozen> {
  await regions.sql(PRIMARY, 'create table orders (id bigserial primary key)');
  const acknowledged: number[] = [];
  const sessions = Array.from({ length: WRITERS }, () => regions.connect(PRIMARY, 'application', 60_000));
  const writing = Promise.all((await Promise.all(sessions)).map((client) => writeOrders(client, acknowledged)));
  await eventually({ what: 'writes', withinMs: 10_000, everyMs: 10 }, async () => {
    if (acknowledged.length <= 100) throw new Error(`${acknowledged.length} so far`);
  });
  regions.signal(PRIMARY, 'SIGSTOP');
  await promote(regions);

  const wokenAt = performance.now();
  regions.signal(PRIMARY, 'SIGCONT');
  await writing;
  await eventually({ what: 'the old primary to be gone', withinMs: 3_000, everyMs: 20 }, () => refused(regions));
  const goneAfterMs = Math.round(performance.now() - wokenAt);
  const onOldTimeline = acknowledged.filter((at) => at > wokenAt).length;
  return { acknowledged: acknowledged.length, onOldTimeline, goneAfterMs };
}

async function promote(regions: TwoRegions): Promise<void> {
  const steps = new Steps(regions);
  const fenced = await steps.fence();
  if (!fenced.proved) throw new Error(`the fence is not proved: ${fenced.evidence}`);
  const { timelineAfter } = await steps.promote(fenced, new Date().toISOString());
  if (timelineAfter !== 2) throw new Error(`timeline ${timelineAfter}`);
  await regions.sql(STANDBY, 'insert into orders default values');
}

async function refused(regions: TwoRegions): Promise<void> {
  const client = await regions.connect(PRIMARY).catch((error: NodeJS.ErrnoException) => error.code);
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

/** As often as wished, each time with two new regions. */
export async function* splitBrain(times: number): AsyncGenerator<Run> {
  for (let run = 1; run <= times; run++) {
    const regions = await TwoRegions.start();
    try {
      const { acknowledged, onOldTimeline, goneAfterMs } = await freezeAndWake(regions);
      const name = `split brain ${run}: ${acknowledged} acknowledged, the old primary gone ${goneAfterMs} ms after it woke`;
      const wrong = onOldTimeline === 0 ? null : `${onOldTimeline} of them on the old timeline`;
      yield { name, struck: true, wrong };
    } catch (error) {
      yield { name: `split brain ${run}`, struck: true, wrong: String(error) };
    } finally {
      await regions.end();
    }
  }
}
