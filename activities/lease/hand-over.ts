import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorType } from '../../plan/errors.ts';
import { refusal } from '../fault.ts';
import { belongsTo, type Claim, mayFollow } from './claim.ts';
import type { Lease } from './lease.ts';
import type { LeaseStore } from './store.ts';

/**
 * Handing over: a recovery asks the lease's holder to stop in order; the holder's guard shuts its database down and
 * writes where its log ended. The lease still names the holder then, and only the recovery moves it on.
 */
export type HandOverVerdict =
  /** Write this, provided that the lease is still as it was read. */
  | { kind: 'ask'; next: Lease }
  /** Asked, and not done yet. */
  | { kind: 'asked' }
  | { kind: 'done'; final: NonNullable<Lease['final']> }
  | { kind: 'refused'; type: ErrorType; reason: string };

/** What a recovery that wants `from` to hand over finds. Pure. */
export function askHandOver(current: Lease | null, wanted: Claim): HandOverVerdict {
  if (current === null) return refuse('FactsUnknown', 'there is no lease, so nobody can hand it over');
  if (belongsTo(current, wanted)) return doneOrRefused(current.previous?.final ?? null, wanted);
  if (current.holder !== wanted.from || !mayFollow(current, wanted)) {
    return refuse('LeaseLost', `the lease names ${current.holder} by the recovery ${current.recovery}`);
  }
  const { handOver, final } = current;
  if (handOver !== null && handOver.epoch > wanted.epoch) {
    return refuse('LeaseLost', `the later recovery ${handOver.recovery} has asked ${current.holder} to hand over`);
  }
  if (handOver?.recovery !== wanted.recovery) {
    const { recovery, epoch } = wanted;
    return { kind: 'ask', next: { ...current, handOver: { recovery, epoch } } };
  }
  return final === null ? { kind: 'asked' } : { kind: 'done', final };
}

function doneOrRefused(final: Lease['final'], { to, from }: Claim): HandOverVerdict {
  if (final !== null) return { kind: 'done', final };
  return refuse('FactsUnknown', `${to} has the lease already, and ${from} did not hand it over`);
}

const refuse = (type: ErrorType, reason: string): HandOverVerdict => ({ kind: 'refused', type, reason });

/** Losing this often in a row against a holder that renews is not by chance. */
const ATTEMPTS = 20;

/**
 * Asks `wanted.from` to hand over; answers where its log ended, or null while it has not stopped yet.
 *
 * @throws LeaseLost, FactsUnknown as `askHandOver` says; a plain error when the store cannot tell
 */
export async function requestHandOver(
  store: LeaseStore,
  wanted: Claim,
): Promise<{ final: Lease['final']; changed: boolean }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await store.read();
    const verdict = askHandOver(stored?.lease ?? null, wanted);
    if (verdict.kind === 'refused') throw refusal(verdict.type, verdict.reason);
    if (verdict.kind === 'done') return { final: verdict.final, changed: false };
    if (verdict.kind === 'asked') return { final: null, changed: false };
    if ((await store.write(verdict.next, stored?.etag ?? null)) !== null) return { final: null, changed: true };
    await sleep(10 * attempt);
  }
  throw new Error(`the lease changed ${ATTEMPTS} times while ${wanted.from} was asked to hand over`);
}

/** Lets a holder that was asked by this recovery go on, or start again. False when nothing was asked of it. */
export async function withdrawHandOver(store: LeaseStore, holder: string, recovery: string): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await store.read();
    if (stored === null || stored.lease.holder !== holder || stored.lease.handOver?.recovery !== recovery) return false;
    const next: Lease = { ...stored.lease, handOver: null, final: null };
    if ((await store.write(next, stored.etag)) !== null) return true;
    await sleep(10 * attempt);
  }
  throw new Error(`the lease changed ${ATTEMPTS} times while the hand-over was withdrawn`);
}
