import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { incidentId } from '../incident-messages.ts';
import { readPlan } from '../read-plan.ts';
import type { RecoveryInput, RecoveryStart } from './messages.ts';

/**
 * Takes a start for what it is: a name of a plan, a scenario and a direction. The rest is believed of the system's own
 * incident alone, which has observed it, or checked its signature.
 *
 * @throws PlanUnknown when no worker holds the plan that is named
 * @throws WiringInvalid when the plan does not have that direction
 */
export async function admit(start: RecoveryStart): Promise<RecoveryInput> {
  const { plan: ref, scenario, from, to, detectedAt, trigger } = start;
  const { parent } = workflowInfo();
  const byIncident = parent?.workflowId === incidentId(ref.system);
  const plan = await readPlan(ref, byIncident);
  const { primary, standby } = plan.regions;
  if (from === to || ![from, to].every((region) => region === primary || region === standby)) {
    const message = `${from} -> ${to} is no direction of ${plan.system}: its regions are ${primary} and ${standby}`;
    throw ApplicationFailure.nonRetryable(message, 'WiringInvalid');
  }
  if (byIncident) return { ...start, plan };
  return { plan, scenario, from, to, detectedAt, trigger };
}
