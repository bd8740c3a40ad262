import type { Lease } from '../activities/lease/lease.ts';
import { proofOfStop } from '../activities/lease/proof.ts';

/** The guard's decisions, apart from what carries them out. Whatever is not known counts against taking writes. */

/** What the lease says to a region. */
export type Standing =
  | { kind: 'ours'; lease: Lease }
  | { kind: 'other'; lease: Lease }
  /** It is ours, and our database has stopped in order, for good. */
  | { kind: 'handed-over'; lease: Lease }
  | { kind: 'none' }
  | { kind: 'unknown'; reason: string };

export type Verdict = { allowed: true } | { allowed: false; reason: string };

export interface StartFacts {
  region: string;
  standing: Standing;
  /** Milliseconds since this guard first saw the lease name its region. */
  oursForMs: number;
  nowMs: number;
  /** As `proofOfStop` takes it. */
  apartMs: number | null;
  clockSkewMs: number;
}

/** May PostgreSQL be started on a data directory that takes writes? */
export function mayStartPrimary({ region, standing, oursForMs, ...clocks }: StartFacts): Verdict {
  if (standing.kind === 'unknown') return refuse(`the lease cannot be asked: ${standing.reason}`);
  if (standing.kind === 'none') return refuse('there is no lease and it could not be created');
  const { lease } = standing;
  if (standing.kind === 'other') return refuse(heldByOther(region, lease));
  if (standing.kind === 'handed-over') return refuse(handedOver(lease));
  if (lease.timeline !== null || lease.recovery === null) return { allowed: true };
  const proof = proofOfStop({ previous: previousOf(lease), seenTakenForMs: oursForMs, ...clocks });
  return proof.proved ? { allowed: true } : refuse(`the lease is ours, and ${proof.evidence}`);
}

/** A previous holder that nobody knows gets as long as ours would, counted from when the lease was seen to be ours. */
function previousOf(lease: Lease) {
  if (lease.previous !== null) return lease.previous;
  const unknown = {
    holder: 'a holder unknown',
    walPosition: null,
    timeline: null,
    synchronousStandbys: null,
    parameters: null,
    notReplicated: null,
    final: null,
  };
  return { ...unknown, renewedAt: lease.renewedAt, storedAt: lease.storedAt, ttlMs: lease.ttlMs };
}

/**
 * Milliseconds until the lease is asked again. A store that did not answer is asked soon: while it stood still for a moment
 * the right went on, and ends before the next regular renewal would have come.
 */
export function askAgainAfterMs({ kind }: Standing, renewMs: number): number {
  return kind === 'unknown' ? renewMs / 8 : renewMs;
}

export interface RunFacts {
  region: string;
  /** Does the data directory take writes, by the absence of `standby.signal`? */
  takesWrites: boolean;
  standing: Standing;
  /** What is left of our right to take writes, on a clock that only moves forward. */
  remainingMs: number;
  /** Time that stopping PostgreSQL may need; kept free at the end of the right. */
  stopMs: number;
}

/** May a PostgreSQL that runs go on? */
export function mayGoOn({ region, takesWrites, standing, remainingMs, stopMs }: RunFacts): Verdict {
  if (!takesWrites) return { allowed: true };
  if (standing.kind === 'other') return refuse(heldByOther(region, standing.lease));
  if (standing.kind === 'handed-over') return refuse(handedOver(standing.lease));
  if (remainingMs > stopMs) return { allowed: true };
  const why = standing.kind === 'unknown' ? `: ${standing.reason}` : '';
  return refuse(`lease about to expire (renewal failed${why}): stopping PostgreSQL`);
}

/** Which recovery asks a primary to stop in order; null when none does. */
export function askedToHandOver(takesWrites: boolean, standing: Standing): string | null {
  if (!takesWrites || standing.kind !== 'ours') return null;
  return standing.lease.handOver?.recovery ?? null;
}

/** A promotion that waits for sessions this long is withdrawn: nobody may expect it any more when they end. */
const WITHDRAWN_AFTER_MS = 10_000;

export interface PromotionFacts {
  takesWrites: boolean;
  /** Was a promotion asked for since PostgreSQL started? */
  asked: boolean;
  standing: Standing;
  /** Milliseconds for which a session has held replay up without a break. */
  heldForMs: number;
}

/**
 * Why a promotion that has not come yet must not come any more; null when it may. Only a restart withdraws one, since
 * PostgreSQL forgets with it what was asked.
 */
export function whyWithdraw({ takesWrites, asked, standing, heldForMs }: PromotionFacts): string | null {
  if (takesWrites || !asked) return null;
  const withdrawn = 'starting again as a standby, which withdraws the promotion';
  if (standing.kind === 'other')
    return `the lease names ${standing.lease.holder}, and a promotion is pending: ${withdrawn}`;
  if (heldForMs < WITHDRAWN_AFTER_MS) return null;
  return `a pending promotion has waited ${Math.round(heldForMs / 1000)} s for sessions to end: ${withdrawn}`;
}

function handedOver({ final, handOver }: Lease): string {
  return `stopped in order at ${final?.walPosition} and handed over to the recovery ${handOver?.recovery}`;
}

function heldByOther(region: string, lease: Lease): string {
  const by = lease.recovery === null ? 'its guard' : `recovery ${lease.recovery}`;
  return `the lease names ${lease.holder} (by ${by}); rebuild ${region} as a standby of ${lease.holder}`;
}

function refuse(reason: string): Verdict {
  return { allowed: false, reason };
}
