import type { Facts } from '../facts.ts';
import type { RecoveryPlan } from '../recovery-plan.ts';
import type { ScenarioName } from '../schema.ts';

/**
 * Why a scenario may not start without approval, by a decision rule's word; null when it may. The rule must be one
 * that plan and environment both allow to, and the facts must leave nothing for people to weigh: the region gone, the
 * standby good, and the loss known and within the objective.
 */
export function whyApprovalIsNeeded(
  { decisions, objectives }: Pick<RecoveryPlan, 'decisions' | 'objectives'>,
  asked: { scenario: ScenarioName; rule: string | undefined },
  facts: Facts,
): string | null {
  const rule = decisions.rules.find(({ name }) => name === asked.rule);
  if (rule === undefined || rule.action !== asked.scenario || !rule.withoutApproval) {
    return `the plan lets no rule "${asked.rule}" start ${asked.scenario} without approval here`;
  }
  const { from, to, expectedDataLossSeconds: loss } = facts;
  if (facts.fromUnreachable !== true) return `it is not certain that ${from} is unreachable`;
  if (facts.standbyReady !== true) return `it is not certain that the standby in ${to} is ready`;
  if (facts.measures?.dataCorrupted) return 'the data is corrupt';
  if (loss === null) return 'what would be lost is unknown';
  if (loss > objectives.dataLossSeconds) return `${loss} s of writes may be lost, more than the objective allows`;
  return null;
}
