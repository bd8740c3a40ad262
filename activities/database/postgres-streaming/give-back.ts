import type { Step, StepResult } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { fault, refusal } from '../../fault.ts';
import { withdrawHandOver } from '../../lease/hand-over.ts';
import { takeLease } from '../../lease/take.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { claimOf, type LeaseAccess, withLease } from './lease-access.ts';
import { moveBack } from './move-back.ts';
import { serverState } from './server-state.ts';
import { stillWritable } from './still-writable.ts';

/**
 * Makes `from` the primary again, in the way that fits:
 *
 * - it has been asked to hand over and still has the lease: it is let go on;
 * - it has the lease still, which nobody took, and is away: there is nothing to wait for, it serves when it is back;
 * - it follows `to` by now: `to` hands over to it, and no write is lost;
 * - it is as it was: it gets the lease, its guard starts it once the database of `to` has lost its right to write, and
 *   the writes made since are not there.
 *
 * @throws FenceUnproved when there is no lease to give back; FactsUnknown when the guard of `from` does not wait for
 *   the lease; LeaseLost when a later recovery has it; NotReached when the databases do not follow in time
 */
export async function giveBack(step: Step, deps: Deps): Promise<StepResult> {
  const deadline = stepDeadline();
  return await withLease(step.component, step.to, async (access) => {
    if (access === null) throw refusal('FenceUnproved', `no lease is configured that could be given to ${step.from}`);
    if (await follows(step, deps)) return await moveBack(step, access, deps, deadline);
    const changed = await giveLease(step, access);
    const writable = await stillWritable(step.component, step.to, deps);
    if (writable !== null) throw fault('NotReached', writable);
    const wait = { what: `${step.from} to take writes`, timeoutMs: leftMs(deadline), everyMs: 100 };
    const { away } = await until(wait, async (note) => {
      if (await takesWrites(step, deps, note)) return { away: false };
      return !changed && (await isAway(step, access)) ? { away: true } : undefined;
    });
    if (away) {
      return { changed, detail: `${step.from} has the lease still and does not renew it: it serves when it is back` };
    }
    return { changed, detail: `${step.from} has the lease again and takes writes; ${step.to} does not` };
  });
}

/** Does `from` run as a standby? Before the promotion of `to` it never does. */
async function follows({ component, from }: Step, deps: Deps): Promise<boolean> {
  const state = await withDatabase(component, from, deps.secrets, serverState).catch(() => null);
  return state?.role === 'standby';
}

/** Answers false when `from` has the lease already, and nothing hinders it. */
async function giveLease(step: Step, { store, ttlMs }: LeaseAccess): Promise<boolean> {
  const back = { ...claimOf({ ...step, from: step.to, to: step.from }, ttlMs), giveBack: true };
  const stored = await store.read();
  if (stored?.lease.holder === step.from) return await withdrawHandOver(store, step.from, back.recovery);
  const waitingForMs = await store.waitingForMs(step.from);
  if (waitingForMs === null || waitingForMs > ttlMs) {
    const seen = waitingForMs === null ? 'never' : `${Math.round(waitingForMs / 1000)} s ago`;
    throw refusal('FactsUnknown', `the guard of ${step.from} cannot be reached: it last asked for the lease ${seen}`);
  }
  return (await takeLease(store, back)).changed;
}

async function takesWrites({ component, from }: Step, deps: Deps, note: (seen: string) => void): Promise<boolean> {
  const state = await withDatabase(component, from, deps.secrets, async (ask) => {
    await ask('update lifeboat.heartbeat set at = clock_timestamp()');
    return await serverState(ask);
  }).catch((error: Error) => note(error.message));
  return state?.writable ?? false;
}

/** Is it the holder by other means than this recovery, and not renewing? */
async function isAway(step: Step, { store, ttlMs }: LeaseAccess): Promise<boolean> {
  const stored = await store.read();
  if (stored === null || stored.lease.holder !== step.from) return false;
  return stored.lease.recovery !== claimOf(step, ttlMs).recovery && (stored.ageMs ?? 0) > ttlMs;
}
