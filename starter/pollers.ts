import type { Client } from '@temporalio/client';

/** Asked only to explain a failure, so it must not add much to the wait. */
const TIMEOUT_MS = 1_000;

/** `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASKS = 1;

/** Who polls a task queue for workflow tasks, as half a sentence; null when Temporal does not say. */
export async function describePollers(client: Client, taskQueue: string): Promise<string | null> {
  try {
    const { pollers } = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
      client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_TASKS,
      }),
    );
    return sentence((pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0)));
  } catch {
    return null;
  }
}

function sentence(lastAccessSeconds: number[]): string {
  if (lastAccessSeconds.length === 0) return 'nobody has polled it in the last five minutes';
  const age = Math.max(0, Math.round(Date.now() / 1000 - Math.max(...lastAccessSeconds)));
  return `last polled ${age} s ago`;
}
