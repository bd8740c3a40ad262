import type { Client } from '@temporalio/client';
import { incidentId } from '../../workflows/incident-messages.ts';
import { SYSTEM } from './place.ts';

/** What a storm became in Temporal. Events are those of the incident's run that is open. */
export async function measureHistories(client: Client) {
  const { historyLength } = await client.workflow.getHandle(incidentId(SYSTEM)).describe();
  const found = { incidents: 0, recoveries: 0 };
  for await (const { workflowId, status } of client.workflow.list()) {
    if (workflowId.startsWith('incident/') && status.name === 'RUNNING') found.incidents += 1;
    if (workflowId.startsWith('recovery/')) found.recoveries += 1;
  }
  return { ...found, events: historyLength };
}

/** Ends what the first storm began, so that the second begins anew. */
export async function endAll(client: Client): Promise<void> {
  for await (const { workflowId, runId, status } of client.workflow.list()) {
    if (status.name === 'RUNNING') await client.workflow.getHandle(workflowId, runId).terminate('the storm is over');
  }
}
