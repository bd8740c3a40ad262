import { appliedLagSeconds, regionViews } from './combine-facts.ts';
import { seconds } from './duration.ts';
import type { Facts } from './facts.ts';
import type { FailoverVerdict } from './judge-failover.ts';
import { forbidsPromotion, promotionRemarks } from './promotable.ts';
import type { Scenario } from './schema.ts';

type Limits = Pick<Scenario, 'refuseDataLossOver'>;

/** Whether a planned move may be put to people: both regions must be well, since both take part, and close together. */
export function judgeSwitchover(facts: Facts, scenario: Limits): FailoverVerdict {
  const { from, to } = facts;
  const lag = appliedLagSeconds(facts);
  const refusal = whyNotServing(facts);
  if (refusal !== null) return refuse(refusal);
  if (facts.standbyReady !== true) {
    return refuse(`StandbyMissing: the database in ${to} is not seen to be a standby; a failback rebuilds it first`);
  }
  const forbidden = forbidsPromotion(facts);
  if (forbidden !== null) return refuse(`StandbyNotPromotable: the database in ${to}: ${forbidden}`);
  const limit = seconds(scenario.refuseDataLossOver);
  if (lag === null) return refuse(`FactsUnknown: how far ${to} is behind ${from} cannot be told`);
  const remarks = promotionRemarks(facts)
    .map((remark) => `; ${remark}`)
    .join('');
  if (lag > limit) {
    return refuse(`StandbyTooFarBehind: ${to} is ${lag} s behind and the plan allows ${limit} s${remarks}`);
  }
  return { proceed: true, reason: `both regions are well, and ${to} is ${lag.toFixed(1)} s behind ${from}${remarks}` };
}

/** Whether a return may be put to people: the database in `to` may be anything but a primary, and is rebuilt. */
export function judgeFailback(facts: Facts): FailoverVerdict {
  const { from, to, standbyReady } = facts;
  const refusal = whyNotServing(facts);
  if (refusal !== null) return refuse(refusal);
  const now = standbyReady ? 'is a standby already' : 'is rebuilt as a standby first, what it was before is kept';
  return { proceed: true, reason: `${from} serves, ${to} is reachable, and its database ${now}` };
}

/** Why one of the regions cannot take part; null when both can. Unknown is never read as good. */
function whyNotServing(facts: Facts): string | null {
  const { from, to } = facts;
  const roles = (region: string) => regionViews(facts, region).map(({ databaseRole }) => databaseRole);
  if (roles(to).includes('primary')) return `AlreadyServing: the database in ${to} is a primary already`;
  if (facts.fromUnreachable !== false) {
    return `FactsUnknown: ${from} is not seen to be reachable; a region that is lost is failed over`;
  }
  if (!roles(from).includes('primary')) return `FactsUnknown: the database in ${from} is not seen to be the primary`;
  if (!regionViews(facts, to).some(({ serviceReachable }) => serviceReachable === true)) {
    return `FactsUnknown: ${to} is not seen to be reachable; it cannot take over`;
  }
  return null;
}

const refuse = (reason: string): FailoverVerdict => ({ proceed: false, reason });
