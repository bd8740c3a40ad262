import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Deps } from '../../deps.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { type ServerState, serverState } from './server-state.ts';

/** A guard that has just lost the lease may need this long to stop its PostgreSQL. */
const STOPPING_MS = 3_000;

/** A database that takes longer to answer is not seen. Clients wait while we look. */
const LOOK_MS = 1_000;

/** Refused by the kernel, or by a PostgreSQL that is starting or shutting down: clients cannot write to it. */
const GONE: readonly unknown[] = ['ECONNREFUSED', '57P03'];

/**
 * Whether a region's database is seen to take writes, as one sentence; null when it is not. One that cannot be asked is
 * not seen to: this can only disprove a fence, never prove it. Once seen, it is believed to until it says otherwise or is
 * gone: a busy one may be silent for a second.
 */
export async function stillWritable(component: WiredComponent, region: string, deps: Deps): Promise<string | null> {
  const giveUpAt = performance.now() + STOPPING_MS;
  const wait = { what: `the database in ${region} to stop`, timeoutMs: 2 * STOPPING_MS, everyMs: 200 };
  let seen: string | null = null;
  const answer = await until(wait, async (note) => {
    const state = await look(component, region, deps);
    if (state === 'gone' || (state === 'silent' && seen === null)) return { seen: null };
    if (state !== 'silent') {
      if (!state.writable) return { seen: null };
      seen = `the database in ${region} still takes writes on timeline ${state.timeline}`;
      note(seen);
    }
    return performance.now() >= giveUpAt ? { seen } : undefined;
  });
  return answer.seen;
}

async function look(component: WiredComponent, region: string, deps: Deps): Promise<ServerState | 'gone' | 'silent'> {
  return await withDatabase(component, region, deps.secrets, serverState, LOOK_MS).catch((error: { code?: string }) =>
    GONE.includes(error.code) ? 'gone' : 'silent',
  );
}
