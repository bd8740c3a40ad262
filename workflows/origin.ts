import { proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.ts';
import { incidentId, recoveryId } from './incident-messages.ts';
import { SCENARIO_WORKFLOWS } from './recovery/messages.ts';

/** Asked until Temporal answers: what a start claims is believed, or not, for the whole run. */
const ask = proxyLocalActivities<Pick<Activities, 'isOwnRun'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** @returns whether the system's own incident has started this run, not a workflow that bears its name */
export const isStartedByIncident = (system: string) => isStartedBy(incidentId(system), ['incident']);

/** @returns whether the system's own recovery has started this run */
export const isStartedByRecovery = (system: string) =>
  isStartedBy(recoveryId(system), Object.values(SCENARIO_WORKFLOWS));

async function isStartedBy(name: string, types: string[]): Promise<boolean> {
  const { parent, taskQueue } = workflowInfo();
  if (parent?.workflowId !== name) return false;
  const { workflowId, runId } = parent;
  return await ask.isOwnRun({ workflowId, runId, types, taskQueue, continuedAs: null });
}

/** @returns whether an earlier run of this workflow has continued as this one by its own code */
export async function isContinued(): Promise<boolean> {
  const { workflowId, runId, workflowType, taskQueue, continuedFromExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId === undefined) return false;
  const before = { workflowId, runId: continuedFromExecutionRunId, types: [workflowType], taskQueue };
  return await ask.isOwnRun({ ...before, continuedAs: runId });
}
