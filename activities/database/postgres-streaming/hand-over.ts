import type { HandOverResult, Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { fault, refusal } from '../../fault.ts';
import { askHandOver, requestHandOver } from '../../lease/hand-over.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import { withDatabase } from './connection.ts';
import { claimOf, withLease } from './lease-access.ts';
import { serverState } from './server-state.ts';

/**
 * Asks the primary in `from`, by the lease, to stop in order, and waits until its guard has written where its log
 * ended: from then on nobody takes writes until the lease is moved, or the hand-over is withdrawn.
 *
 * @throws FenceUnproved when there is no lease to ask by; LeaseLost when another recovery has it; FactsUnknown when it
 *   was moved without a hand-over; NotReached, to be tried again, when `to` does not stream or the guard does not answer
 */
export async function handOver(step: Step, deps: Deps): Promise<HandOverResult> {
  const deadline = stepDeadline();
  return await withLease(step.component, step.to, async (access) => {
    if (access === null) throw refusal('FenceUnproved', `no lease is configured by which ${step.from} could hand over`);
    const claim = claimOf(step, access.ttlMs);
    const now = askHandOver((await access.store.read())?.lease ?? null, claim);
    if (now.kind === 'ask') await requireStreaming(step, deps);
    let changed = false;
    const wait = { what: `${step.from} to stop in order`, timeoutMs: leftMs(deadline), everyMs: 100 };
    const final = await until(wait, async (note) => {
      const asked = await requestHandOver(access.store, claim);
      changed ||= asked.changed;
      note(`${step.from} was asked to hand over`);
      return asked.final ?? undefined;
    });
    return { changed, final, detail: `${step.from} stopped in order at ${final.walPosition} and takes no more writes` };
  });
}

/** A primary that stops while nobody receives its log stops for nothing, and its clients wait. */
async function requireStreaming({ component, to }: Step, deps: Deps): Promise<void> {
  const state = await withDatabase(component, to, deps.secrets, serverState).catch((error: Error) => {
    throw fault('NotReached', `the standby in ${to} cannot be asked: ${error.message}`);
  });
  if (state.role === 'standby' && state.receiving) return;
  throw fault('NotReached', `the database in ${to} is a ${state.role} and receives nothing just now`);
}
