import { type ContinueAsNewOptions, makeContinueAsNewFunc, ParentClosePolicy, startChild } from '@temporalio/workflow';

/** Workflows of a party that may start workflows and polls a task queue of its own. */

/** Starts a workflow as its child, and waits. */
export async function asParent(type: string, workflowId: string, taskQueue: string, start: unknown): Promise<void> {
  const parentClosePolicy = ParentClosePolicy.ABANDON;
  const child = await startChild(type, { workflowId, taskQueue, parentClosePolicy, args: [start] });
  await child.result().catch(() => {});
}

/** Continues as another workflow, on another queue. */
export async function asEarlierRun(options: ContinueAsNewOptions, start: unknown): Promise<void> {
  await makeContinueAsNewFunc<(start: unknown) => Promise<void>>(options)(start);
}
