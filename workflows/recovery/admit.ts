import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { recoveryId } from '../incident-messages.ts';
import { isStartedByIncident } from '../origin.ts';
import { readPlan } from '../read-plan.ts';
import type { RecoveryInput, RecoveryStart } from './messages.ts';

/**
 * Takes a start for what it is: a name of a plan, a scenario and a direction. The rest is believed of the system's own
 * incident alone, which has observed it, or checked its signature.
 *
 * @throws PlanUnknown when no worker holds the plan that is named
 * @throws WiringInvalid when the plan does not have that direction, or the workflow id is not the lock of the system
 */
export async function admit(start: RecoveryStart): Promise<RecoveryInput> {
  const { plan: ref, scenario, from, to, detectedAt, trigger } = start;
  const { workflowId } = workflowInfo();
  if (workflowId !== recoveryId(ref.system)) {
    const message = `a recovery of ${ref.system} is ${recoveryId(ref.system)}, which is its lock, and not ${workflowId}`;
    throw ApplicationFailure.nonRetryable(message, 'WiringInvalid');
  }
  const byIncident = await isStartedByIncident(ref.system);
  const plan = await readPlan(ref, byIncident);
  const { primary, standby } = plan.regions;
  if (from === to || ![from, to].every((region) => region === primary || region === standby)) {
    const message = `${from} -> ${to} is no direction of ${plan.system}: its regions are ${primary} and ${standby}`;
    throw ApplicationFailure.nonRetryable(message, 'WiringInvalid');
  }
  if (byIncident) return { ...start, plan };
  return { plan, scenario, from, to, detectedAt, trigger };
}
