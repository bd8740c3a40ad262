import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { type IncidentInput, type IncidentStart, incidentId } from '../incident-messages.ts';
import { isContinued } from '../origin.ts';
import { awaitPlan } from '../read-plan.ts';

/**
 * Takes a start for what it is: a name of a plan. Memory is believed only of the run that this one continues, since
 * anybody who may start a workflow could make one up, an order or a direction in it.
 */
export async function admitIncident({ plan: ref, memory, ...start }: IncidentStart): Promise<IncidentInput> {
  const { workflowId } = workflowInfo();
  if (workflowId !== incidentId(ref.system)) {
    const message = `the incident of ${ref.system} is ${incidentId(ref.system)}, and not ${workflowId}`;
    throw ApplicationFailure.nonRetryable(message, 'WiringInvalid');
  }
  const continued = await isContinued();
  const plan = await awaitPlan(ref, continued);
  return { ...start, plan, ...(continued && memory !== undefined && { memory }) };
}
