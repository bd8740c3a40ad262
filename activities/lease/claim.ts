import type { ErrorType } from '../../plan/errors.ts';
import { type Lease, type Term, termOf } from './lease.ts';

/** A recovery that wants the lease to name `to`, where it names `from` now. */
export interface Claim {
  from: string;
  to: string;
  epoch: number;
  /** `<workflowId>/<runId>`. */
  recovery: string;
  ttlMs: number;
  /** ISO time now. */
  at: string;
  /** Give back what this very recovery took: only then may it take the lease twice. */
  giveBack?: boolean;
}

export type ClaimVerdict =
  /** Write this, provided that the lease is still as it was read. */
  | { kind: 'take'; next: Lease }
  /** This recovery has it already. */
  | { kind: 'ours'; lease: Lease }
  | { kind: 'refused'; type: ErrorType; reason: string };

/** What a recovery may do with the lease as it is; null is no lease yet. */
export function claim(current: Lease | null, wanted: Claim): ClaimVerdict {
  if (current === null) return { kind: 'take', next: leaseFor(wanted, null) };
  if (belongsTo(current, wanted)) return { kind: 'ours', lease: current };
  if (!mayFollow(current, wanted)) {
    const reason = `the lease names ${current.holder} by the recovery ${current.recovery} since`;
    return { kind: 'refused', type: 'LeaseLost', reason };
  }
  if (current.holder === wanted.from) return { kind: 'take', next: leaseFor(wanted, termOf(current)) };
  return takeUnused(current, wanted);
}

/** A step that comes late, by itself or repeated, must not undo what came after it. */
export function mayFollow({ epoch, recovery }: Lease, wanted: Claim): boolean {
  if (epoch === wanted.epoch) return recovery === wanted.recovery && wanted.giveBack === true;
  return epoch < wanted.epoch;
}

/** An earlier recovery took the lease for the same region and got no further: its knowledge of `from` is kept. */
function takeUnused(current: Lease, wanted: Claim): ClaimVerdict {
  const { holder, timeline, previous } = current;
  if (holder !== wanted.to) {
    const reason = `the lease names ${holder}, which is neither ${wanted.from} nor ${wanted.to}`;
    return { kind: 'refused', type: 'FactsUnknown', reason };
  }
  if (timeline !== null) {
    const reason = `${holder} holds the lease already and takes writes on timeline ${timeline}`;
    return { kind: 'refused', type: 'AlreadyServing', reason };
  }
  return { kind: 'take', next: leaseFor(wanted, previous) };
}

function leaseFor({ to, epoch, recovery, ttlMs, at }: Claim, previous: Term | null): Lease {
  return {
    holder: to,
    epoch,
    recovery,
    renewedAt: at,
    storedAt: null,
    ttlMs,
    walPosition: null,
    timeline: null,
    synchronousStandbys: null,
    parameters: null,
    notReplicated: null,
    final: null,
    previous,
    handOver: null,
  };
}

/** Does the lease name this region on behalf of this very recovery? */
export function belongsTo(lease: Lease, { to, epoch, recovery }: Pick<Claim, 'to' | 'epoch' | 'recovery'>): boolean {
  return lease.holder === to && lease.epoch === epoch && lease.recovery === recovery;
}
