import { seconds } from './duration.ts';
import type { Facts } from './facts.ts';
import type { Scenario } from './schema.ts';

/** Whether a region failover may be put to people at all, and why. */
export interface FailoverVerdict {
  proceed: boolean;
  reason: string;
}

/**
 * Refuses what must not be done whoever asks for it. What is unknown is said aloud and left to the people at the gate;
 * only a standby that cannot be asked is refused, since nothing can be promoted then.
 */
export function judgeFailover(facts: Facts, scenario: Pick<Scenario, 'refuseDataLossOver'>): FailoverVerdict {
  const { from, to, expectedDataLossSeconds: loss } = facts;
  const limit = seconds(scenario.refuseDataLossOver);
  if (facts.servingRegions.length === 1 && facts.servingRegions[0] === to && facts.standbyReady === false) {
    return refuse(`AlreadyServing: ${to} serves already and its database is no standby; there is nothing to fail over`);
  }
  if (facts.fromUnreachable === false) {
    return refuse(`RegionHealthy: ${from} is reachable; a planned move is a switchover, not a failover`);
  }
  if (facts.standbyReady !== true) {
    return refuse(`StandbyMissing: the database in ${to} is not a standby that can be promoted; restore from a backup`);
  }
  if (loss !== null && loss > limit) {
    return refuse(`StandbyTooFarBehind: promotion would lose up to ${loss} s of writes and the plan allows ${limit} s`);
  }
  const reach = facts.fromUnreachable ? `${from} is unreachable` : `it is unknown whether ${from} is reachable`;
  const losing =
    loss === null ? 'how much would be lost is unknown' : `up to ${loss.toFixed(1)} s of writes would be lost`;
  return { proceed: true, reason: `${reach}, the standby in ${to} is ready, ${losing}` };
}

const refuse = (reason: string): FailoverVerdict => ({ proceed: false, reason });
