import type { Term } from './lease.ts';

/**
 * When the previous holder of a lease can take writes no more. A holder that has handed over has stopped, and its guard
 * does not start it again. Otherwise pure arithmetic; two independent ways, and the earlier one counts:
 *
 * - by the order of events: it cannot renew once somebody else has the lease, so its right ends one ttl after the lease
 *   was seen taken, whatever the clocks say;
 * - by the clocks: its right ended one ttl after it last renewed, if the clocks differ by no more than `clockSkewMs`. The
 *   storage is the witness: its clock saw the renewal too, and a clock of ours that disagrees with it proves nothing.
 *
 * Both rest on the guard, which stops the database before its ttl is over.
 */
export interface Evidence {
  /** The previous holder; null when it is not known, which proves nothing. */
  previous: Term | null;
  /** Milliseconds, on a clock that only moves forward, since the lease was seen in other hands. */
  seenTakenForMs: number;
  /** Now, in milliseconds since 1970. */
  nowMs: number;
  /** How far our clock is from the storage's at least, in milliseconds; null when it did not tell. */
  apartMs: number | null;
  clockSkewMs: number;
}

export type Proof = { proved: true; evidence: string } | { proved: false; evidence: string; waitMs: number | null };

/** Whether the previous holder has stopped; if not, how long until it has. `waitMs` null: waiting will not help. */
export function proofOfStop({ previous, seenTakenForMs, nowMs, apartMs, clockSkewMs }: Evidence): Proof {
  if (previous === null) {
    return { proved: false, waitMs: null, evidence: 'the lease does not say who held it before' };
  }
  const { holder, renewedAt, ttlMs, final } = previous;
  if (final !== null) {
    return { proved: true, evidence: `${holder} has stopped in order, at ${final.walPosition} of its log` };
  }
  const byOrder = ttlMs - seenTakenForMs;
  const believable = apartMs !== null && apartMs <= clockSkewMs;
  const byClock = believable ? lastRenewal(previous) + ttlMs + clockSkewMs - nowMs : Number.POSITIVE_INFINITY;
  if (byClock < 0) {
    const evidence = `the right of ${holder} ended ${ttlMs} ms after it last renewed the lease at ${renewedAt}`;
    return { proved: true, evidence: `${evidence}, by clocks that differ by ${clockSkewMs} ms at most` };
  }
  if (byOrder <= 0) {
    return { proved: true, evidence: `${holder} could not renew the lease for its whole ttl of ${ttlMs} ms` };
  }
  const waitMs = Math.min(byOrder, byClock + 1);
  return { proved: false, waitMs, evidence: `${holder} may hold its right to write for ${Math.ceil(waitMs)} ms more` };
}

/** By the holder's clock or the storage's, whichever is later: a holder's clock that is behind shortens nothing. */
function lastRenewal({ renewedAt, storedAt }: Term): number {
  return Math.max(Date.parse(renewedAt), storedAt === null ? 0 : Date.parse(storedAt));
}
