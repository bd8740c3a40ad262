import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { OriginRequest } from '../contract.ts';

const { ContinueAsNewInitiator } = proto.temporal.api.enums.v1;

/** Runs with an input that the starter chose. */
const BY_TEMPORAL: unknown[] = [
  ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE,
  ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_RETRY,
];

/**
 * Whether the run that started or continued another is one of Lifeboat's own workers' making: a workflow of such a type,
 * on the very task queue that they poll. Any client of Temporal can name a workflow as it likes, run it on a queue of its
 * own, and have it start or continue as another; or have Temporal start one again by a retry policy or a schedule.
 */
export async function isOwnRun(client: Client, request: OriginRequest): Promise<boolean> {
  const { workflowId, runId, types, taskQueue, continuedAs } = request;
  try {
    const about = await client.workflow.getHandle(workflowId, runId).describe();
    if (!types.includes(about.type) || about.taskQueue !== taskQueue) return false;
    return continuedAs === null || (await continuesAs(client, request, continuedAs));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Did the run's own code continue it as that other run? Temporal writes into its first event what began it. */
async function continuesAs(client: Client, { workflowId, runId }: OriginRequest, next: string): Promise<boolean> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId: next },
    maximumPageSize: 1,
  });
  const start = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return start?.continuedExecutionRunId === runId && !BY_TEMPORAL.includes(start.initiator);
}
