import { matchesAlert } from '../../plan/match-alert.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Alert } from '../../workflows/incident-messages.ts';

/** What is needed of a plan to tell which alerts are its own. */
export type Matchable = Pick<RecoveryPlan, 'system' | 'alerts'>;

/**
 * The alert's system: the first whose plan has an alert rule with all its labels on the alert. A label `system` names
 * it beyond doubt; senders without labels of their own (PagerDuty, CloudWatch) are told apart by the rules alone. Null
 * when it is nobody's, which is no fault: senders may send more than Lifeboat cares for.
 */
export function systemOf({ labels }: Pick<Alert, 'labels'>, plans: readonly Matchable[]): string | null {
  const named = labels['system'];
  const candidates = named === undefined ? plans : plans.filter(({ system }) => system === named);
  return candidates.find(({ alerts }) => matchesAlert(alerts, labels))?.system ?? null;
}
