import { walBytes } from '../../../plan/wal-position.ts';
import type { NoLagStep, StepResult } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { refusal } from '../../fault.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { serverState } from './server-state.ts';

/**
 * Waits until the standby in `to` has replayed the last record of the log of `from`, which has stopped: nothing is
 * missing then. Once it is promoted, its own record of what it had replayed says so.
 *
 * @throws WrongTimeline when it follows another timeline; NotReached, to be tried again, when it gets no further
 */
export async function awaitNoLag(step: NoLagStep, deps: Deps): Promise<StepResult> {
  const { component, to, from, final } = step;
  const wait = { what: `${to} to replay all of ${from}`, timeoutMs: leftMs(stepDeadline()), everyMs: 50 };
  const replayed = await until(wait, async (note) => {
    const state = await withDatabase(component, to, deps.secrets, serverState).catch((error: Error) => {
      note(error.message);
      return null;
    });
    if (state?.replayed == null) return undefined;
    if (state.role === 'standby' && state.timeline !== final.timeline) {
      const reason = `${to} follows timeline ${state.timeline}; ${from} stopped on timeline ${final.timeline}`;
      throw refusal('WrongTimeline', reason);
    }
    note(`replayed ${state.replayed}, and the last record of ${from} begins at ${final.walPosition}`);
    return hasReplayed(state.replayed, final.walPosition) ? state.replayed : undefined;
  });
  return { changed: false, detail: `${to} has replayed all of ${from}, up to ${replayed}` };
}

/** A replayed position is the end of a record: it is beyond where the last record begins once that is replayed. */
export function hasReplayed(replayed: string, lastRecord: string): boolean {
  return walBytes(replayed) > walBytes(lastRecord);
}
