import { walGap } from '../../../plan/wal-position.ts';
import type { Step, StepResult } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { fault, refusal } from '../../fault.ts';
import type { Lease } from '../../lease/lease.ts';
import type { Rebuild } from '../../lease/rebuild.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { type LeaseAccess, withLease } from './lease-access.ts';
import { serverState } from './server-state.ts';

/** A standby that does not stream this long after it was rebuilt lacks log that the primary has thrown away. */
const STREAMS_WITHIN_MS = 20_000;

/** A guard looks every quarter of the ttl; one that does not answer for this many of them is away. */
const TTLS_TO_ANSWER = 5;

/**
 * Makes the database in `to` a standby of the primary in `from`, done by the guard in `to`, and waits until it streams
 * and has replayed what the primary had written. A standby that streams already is left alone. What can be kept is
 * kept; when that does not lead to a standby that streams, everything is copied.
 *
 * @throws FenceUnproved without a lease to ask by; LeaseLost when the lease does not name `from`; NotReached, to be
 *   tried again, when the guard does not answer, fails, or the standby does not stream
 */
export async function rebuildStandby(step: Step, deps: Deps): Promise<StepResult> {
  const deadline = stepDeadline();
  return await withLease(step.component, step.to, async (access) => {
    if (access === null) throw refusal('FenceUnproved', `no lease is configured by which ${step.to} could be asked`);
    const lease = await leaseOf(step, access);
    if (await streams(step, deps, lease)) return { changed: false, detail: `${step.to} follows ${step.from} already` };
    let how = await rebuilt(step, access, 'least', deadline);
    if (!(await streamsSoon(step, deps, lease))) how = await rebuilt(step, access, 'copy', deadline);
    await caughtUp(step, deps, access, deadline);
    return { changed: true, detail: `${step.to} is a standby of ${step.from}: ${how}` };
  });
}

async function leaseOf(step: Step, { store }: LeaseAccess): Promise<Lease> {
  const stored = await store.read();
  if (stored?.lease.holder === step.from && stored.lease.final === null) return stored.lease;
  const says = stored === null ? 'there is no lease' : `it names ${stored.lease.holder}`;
  throw refusal('LeaseLost', `${step.to} can only become a standby of the lease's holder, and ${says}`);
}

/** Has the guard do it, once for each recovery and way, and answers what it says. */
async function rebuilt(step: Step, access: LeaseAccess, way: Rebuild['way'], deadline: number): Promise<string> {
  const { store, ttlMs } = access;
  await ask(step, access, way);
  const askedAt = Date.now();
  const wait = { what: `the guard of ${step.to} to rebuild its database`, timeoutMs: leftMs(deadline), everyMs: 200 };
  const { state, detail } = await until(wait, async (note) => {
    const rebuild = (await store.readRebuild(step.to))?.rebuild;
    note(`${rebuild?.state}: ${rebuild?.detail}`);
    if (rebuild?.state === 'asked' && Date.now() - askedAt > TTLS_TO_ANSWER * ttlMs) {
      throw fault('NotReached', `the guard of ${step.to} does not answer; is it running, and does it reach its store?`);
    }
    return rebuild?.state === 'done' || rebuild?.state === 'failed' ? rebuild : undefined;
  });
  if (state === 'failed') throw fault('NotReached', `${step.to} could not be rebuilt: ${detail}`);
  return detail;
}

/** A repeat finds what it asked under way or done; what has failed is asked for again. */
async function ask(step: Step, { store }: LeaseAccess, way: Rebuild['way']): Promise<void> {
  const { workflowId, runId, epoch } = step.recovery;
  const recovery = `${workflowId}/${runId}`;
  const stored = await store.readRebuild(step.to);
  const before = stored?.rebuild;
  if (before !== undefined && before.epoch > epoch && before.state !== 'done' && before.state !== 'failed') {
    throw refusal('LeaseLost', `the later recovery ${before.recovery} has the database of ${step.to} rebuilt`);
  }
  const same = before?.recovery === recovery && before.primary === step.from && before.way === way;
  if (same && before?.state !== 'failed') return;
  const at = new Date().toISOString();
  const wanted: Rebuild = { primary: step.from, recovery, epoch, way, state: 'asked', detail: 'not begun yet', at };
  const etag = await store.writeRebuild(step.to, wanted, stored?.etag ?? null);
  if (etag === null) throw fault('NotReached', `somebody else asks something of the guard of ${step.to}`);
}

/** Is it a standby that receives the primary's timeline just now? */
async function streams({ component, to }: Step, deps: Deps, { timeline }: Lease): Promise<boolean> {
  const state = await withDatabase(component, to, deps.secrets, serverState).catch(() => null);
  return state?.role === 'standby' && state.receiving && (timeline === null || state.timeline === timeline);
}

async function streamsSoon(step: Step, deps: Deps, lease: Lease): Promise<boolean> {
  const deadline = Date.now() + STREAMS_WITHIN_MS;
  const wait = { what: `${step.to} to stream`, timeoutMs: 2 * STREAMS_WITHIN_MS, everyMs: 200 };
  return await until(wait, async () => {
    if (await streams(step, deps, lease)) return true;
    return Date.now() >= deadline ? false : undefined;
  });
}

/** Waits until it has replayed what the primary had written when it was last heard of. */
async function caughtUp({ component, to, from }: Step, deps: Deps, { store }: LeaseAccess, deadline: number) {
  let goal: string | null = null;
  const wait = { what: `${to} to catch up with ${from}`, timeoutMs: leftMs(deadline), everyMs: 200 };
  await until(wait, async (note) => {
    // A primary that has just been promoted says only with its next renewal where it is.
    goal ??= (await store.read())?.lease.walPosition ?? null;
    const state = await withDatabase(component, to, deps.secrets, serverState).catch((error: Error) => {
      note(error.message);
      return null;
    });
    if (state === null) return undefined;
    note(`replayed ${state.position} of ${goal ?? 'a log whose end is not known yet'}`);
    return walGap(goal, state.position) === 0 ? true : undefined;
  });
}
