import { walGap } from '../../../plan/wal-position.ts';
import type { MeasuredLoss } from '../../contract.ts';
import type { Term } from '../../lease/lease.ts';
import { hasReplayed } from './no-lag.ts';

export interface LossFacts {
  /** ISO time, by our clock, after which the old primary is known to have been down or fenced; null without a proof. */
  downSince: string | null;
  clockSkewMs: number;
  /** The old primary as the lease last knew it; null when there was no lease. */
  previous: Term | null;
  /** Commit time of the newest transaction that the new primary has, by the old primary's clock. */
  newestCommitAt: Date | null;
  /** Where the new primary's log branched off. */
  position: string;
  /** The name under which the new primary received its WAL; null when it cannot be told. */
  standbyName: string | null;
}

/**
 * What a promotion lost. Whatever was acknowledged and is missing was committed after the newest commit that is here and
 * before the old primary could take no more writes: the length of that window is an upper bound of the loss in seconds.
 * Where it was not proved to have stopped, that window has no end, whatever the lease said of it.
 * Bytes are those that the old primary is known to have flushed and that are not here: a lower bound.
 */
export function measureLoss(facts: LossFacts): MeasuredLoss {
  const { previous, newestCommitAt, position, downSince } = facts;
  const bytes = walGap(previous?.walPosition ?? null, position);
  if (downSince === null) {
    const method = 'unknown: the old primary was not proved to have stopped';
    return { seconds: null, bytes, method: `${method}${bytesMethod(bytes)}` };
  }
  if (previous?.final != null && hasReplayed(position, previous.final.walPosition)) {
    const method = `none: ${previous.holder} stopped in order, and all of its log up to ${position} was replayed here`;
    return { seconds: 0, bytes, method };
  }
  if (waitedForThisStandby(facts)) {
    const method = `none: every commit waited for ${facts.standbyName}, which had flushed all of it`;
    return { seconds: 0, bytes, method: `${method}${bytesMethod(bytes)}` };
  }
  if (newestCommitAt === null) {
    return {
      seconds: null,
      bytes,
      method: `unknown: no commit was replayed since the standby started${bytesMethod(bytes)}`,
    };
  }
  const { at, how } = endOfWrites(facts, downSince);
  const seconds = Math.max(0, at - newestCommitAt.getTime()) / 1000;
  const others = (previous?.synchronousStandbys ?? []).map(({ name }) => name).join(', ');
  const elsewhere = others === '' ? '' : `; commits waited for ${others}, which does not prove that they are here`;
  const method = `at most from the newest commit here, ${newestCommitAt.toISOString()}, to ${how}${elsewhere}`;
  return { seconds, bytes, method: `${method}${bytesMethod(bytes)}` };
}

/**
 * Did every commit wait for the very standby that was promoted? It does when the lease names it, and it has what the
 * standby of that name had flushed then: another receiver that took its name over would be ahead of it.
 */
function waitedForThisStandby({ previous, standbyName, position }: LossFacts): boolean {
  return (previous?.synchronousStandbys ?? []).some(
    ({ name, flushed }) => name.toLowerCase() === standbyName?.toLowerCase() && hasReplayed(position, flushed),
  );
}

/** The earlier of the two moments after which the old primary acknowledged nothing, by its own clock. */
function endOfWrites({ clockSkewMs, previous }: LossFacts, downSince: string): { at: number; how: string } {
  const down = { at: Date.parse(downSince) + clockSkewMs, how: `${downSince}, when the old primary was known down` };
  if (previous === null) return down;
  const renewedAt = Date.parse(previous.renewedAt);
  const expiry = { at: renewedAt + previous.ttlMs, how: `the end of its lease, renewed at ${previous.renewedAt}` };
  return expiry.at < down.at ? expiry : down;
}

function bytesMethod(bytes: number | null): string {
  return bytes === null ? '; bytes are unknown' : '; bytes, a lower bound, from the position that the lease last gave';
}
