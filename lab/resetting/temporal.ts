import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { eventually } from '../eventually.ts';
import type { Lab } from '../lab.ts';
import { THIRD_PLACE } from '../places.ts';

const WITHIN_MS = 60_000;

/** No workflow is open, and none is remembered. */
export async function forgetWorkflows(lab: Lab): Promise<void> {
  if (!lab.services.includes(`${THIRD_PLACE}/temporal`)) return;
  const { host, port } = lab.endpoint(`${THIRD_PLACE}/temporal`);
  const connection = await Connection.connect({ address: `${host}:${port}` });
  try {
    const client = new Client({ connection });
    await eventually({ what: 'the workflows to be gone', withinMs: WITHIN_MS, everyMs: 200 }, async () => {
      const left: WorkflowExecutionInfo[] = [];
      for await (const execution of client.workflow.list()) left.push(execution);
      await Promise.all(left.map((execution) => remove(client, execution)));
      if (left.length > 0) throw new Error(`${left.length} are there`);
    });
  } finally {
    await connection.close();
  }
}

/** A workflow that is open is ended by its deletion. One that is gone already is shown a moment longer. */
async function remove({ workflowService, options }: Client, { workflowId, runId }: WorkflowExecutionInfo) {
  const workflowExecution = { workflowId, runId };
  await workflowService
    .deleteWorkflowExecution({ namespace: options.namespace, workflowExecution })
    .catch((error: { code?: number }) => {
      if (error.code !== NOT_FOUND) throw error;
    });
}

/** gRPC's number. */
const NOT_FOUND = 5;
