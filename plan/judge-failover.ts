import { seconds } from './duration.ts';
import type { ErrorType } from './errors.ts';
import type { Facts } from './facts.ts';
import { forbidsPromotion, promotionRemarks } from './promotable.ts';
import type { Scenario } from './schema.ts';

/** Whether a recovery may be put to people at all, and why. */
export interface FailoverVerdict {
  proceed: boolean;
  reason: string;
  /** Refused, unless somebody has ordered it with that in view: then it is for the gate to weigh. */
  mayBeOrdered?: true;
}

/**
 * Refuses what must not be done whoever asks for it, and what nobody should ask for who does not know. What is unknown is
 * said aloud and left to the people at the gate.
 */
export function judgeFailover(facts: Facts, scenario: Pick<Scenario, 'refuseDataLossOver'>): FailoverVerdict {
  const { to, expectedDataLossSeconds: loss } = facts;
  const never = whyNever(facts, seconds(scenario.refuseDataLossOver));
  if (never !== null) return { proceed: false, reason: never };
  const losing =
    loss === null ? 'how much would be lost is unknown' : `up to ${loss.toFixed(1)} s of writes would be lost`;
  const unwise = whyUnwise(facts);
  if (unwise !== null) return { proceed: false, mayBeOrdered: true, reason: `${unwise} (${losing})` };
  const remarks = promotionRemarks(facts).map((remark) => `; ${remark}`);
  return { proceed: true, reason: `${reachOf(facts)}, the standby in ${to} is ready, ${losing}${remarks.join('')}` };
}

/** What no order can change. */
function whyNever(facts: Facts, limit: number): string | null {
  const { from, to, expectedDataLossSeconds: loss } = facts;
  if (isPrimary(facts, from) && isPrimary(facts, to)) {
    return named('TwoPrimaries', `the databases in ${from} and ${to} both take writes; stop one of them by hand first`);
  }
  if (facts.measures?.dataCorrupted === true) {
    return named('DataCorrupted', 'the data is corrupt, and so it is on the standby; restore from a clean backup');
  }
  if (facts.servingRegions.join() === to && facts.standbyReady === false) {
    return named(
      'AlreadyServing',
      `${to} serves already and its database is no standby; there is nothing to fail over`,
    );
  }
  if (facts.standbyReady === false) {
    return named('StandbyMissing', `the database in ${to} is not a standby that can be promoted`);
  }
  const forbidden = forbidsPromotion(facts);
  if (forbidden !== null) return named('StandbyNotPromotable', `the database in ${to}: ${forbidden}`);
  if (loss !== null && loss > limit) {
    return named(
      'StandbyTooFarBehind',
      `promotion would lose up to ${loss} s of writes and the plan allows ${limit} s`,
    );
  }
  return null;
}

/** What people may know better: the promotion looks again, and the fence keeps a region that is there from writing. */
function whyUnwise({ from, to, fromUnreachable, standbyReady }: Facts): string | null {
  if (fromUnreachable === false) {
    return named('RegionHealthy', `${from} is reachable; a planned move is a switchover, not a failover`);
  }
  if (standbyReady !== null) return null;
  return named('FactsUnknown', `whether the database in ${to} is a standby cannot be told; look there first`);
}

function reachOf({ from, fromUnreachable, vantages }: Facts): string {
  if (fromUnreachable) return `${from} is unreachable`;
  const alone = vantages.length === 1 ? `, since only ${vantages[0]?.vantage} could look` : '';
  return `it is unknown whether ${from} is reachable${alone}`;
}

const isPrimary = ({ vantages }: Facts, name: string): boolean =>
  vantages.some(({ regions }) =>
    regions.some(({ region, databaseRole }) => region === name && databaseRole === 'primary'),
  );

const named = (type: ErrorType, reason: string): string => `${type}: ${reason}`;
