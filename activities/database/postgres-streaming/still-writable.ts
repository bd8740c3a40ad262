import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Deps } from '../../deps.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { serverState } from './server-state.ts';

/** A guard that has just lost the lease may need this long to stop its PostgreSQL. */
const STOPPING_MS = 3_000;

/** A database that takes longer to answer is not seen. Clients wait while we look. */
const LOOK_MS = 1_000;

/**
 * Whether a region's database is seen to take writes, as one sentence; null when it is not. One that cannot be asked is
 * not seen to: this can only disprove a fence, never prove it.
 */
export async function stillWritable(component: WiredComponent, region: string, deps: Deps): Promise<string | null> {
  const giveUpAt = performance.now() + STOPPING_MS;
  const wait = { what: `the database in ${region} to stop`, timeoutMs: 2 * STOPPING_MS, everyMs: 200 };
  const answer = await until(wait, async (note) => {
    const state = await withDatabase(component, region, deps.secrets, serverState, LOOK_MS).catch(() => null);
    if (state === null || !state.writable) return { seen: null };
    const seen = `the database in ${region} still takes writes on timeline ${state.timeline}`;
    note(seen);
    return performance.now() >= giveUpAt ? { seen } : undefined;
  });
  return answer.seen;
}
