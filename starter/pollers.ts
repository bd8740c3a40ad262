import type { Client } from '@temporalio/client';

/** Asked only to explain a failure, so it must not add much to the wait. */
const TIMEOUT_MS = 3_000;

/** `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASKS = 1;

/** A poll stays open for up to a minute, so that an idle worker may have begun its last one that long ago. */
const ALIVE_SECONDS = 75;

/** Who polls a task queue for workflow tasks. */
interface Pollers {
  /** Half a sentence. */
  text: string;
  /** Is there a worker, as far as Temporal knows? */
  alive: boolean;
}

/**
 * Asks every partition of the queue: a poll goes to one of them, and is not seen at the others when it finds work there.
 *
 * @returns null when Temporal does not say
 */
export async function describePollers(client: Client, taskQueue: string): Promise<Pollers | null> {
  const { namespace } = client.options;
  const { workflowService } = client;
  try {
    return await client.withDeadline(Date.now() + TIMEOUT_MS, async () => {
      const queue = { namespace, taskQueue: { name: taskQueue } };
      const { workflowTaskQueuePartitions } = await workflowService.listTaskQueuePartitions(queue);
      const described = await Promise.all(
        (workflowTaskQueuePartitions ?? []).map(({ key }) =>
          workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: key ?? taskQueue },
            taskQueueType: WORKFLOW_TASKS,
          }),
        ),
      );
      const pollers = described.flatMap((partition) => partition.pollers ?? []);
      return summary(pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0)));
    });
  } catch {
    return null;
  }
}

function summary(lastAccessSeconds: number[]): Pollers {
  if (lastAccessSeconds.length === 0) return { text: 'nobody has polled it in the last five minutes', alive: false };
  const age = Math.max(0, Math.round(Date.now() / 1000 - Math.max(...lastAccessSeconds)));
  return { text: `last polled ${age} s ago`, alive: age <= ALIVE_SECONDS };
}
