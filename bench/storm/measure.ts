import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { incidentId, recoveryId } from '../../workflows/incident-messages.ts';
import { SYSTEM } from './place.ts';

/** What a storm became in Temporal. */
export interface Histories {
  openIncidents: number;
  /** Runs that were started, ended ones too. */
  recoveries: number;
  /** Of the incident, which goes on in a new run when one grows long: events of its longest run, and of all of them. */
  longest: number;
  events: number;
  runs: number;
}

const PATIENCE = { what: 'the recovery of the storm to be listed', withinMs: 30_000, everyMs: 500 };

/** Counts what was started since; waits until Temporal lists a recovery, if there is to be one. */
export async function measureHistories(client: Client, since: Date): Promise<Histories> {
  const seen = () => count(client, since);
  const listed = async () => {
    const histories = await seen();
    if (histories.recoveries === 0) throw new Error('none is listed');
    return histories;
  };
  return await eventually(PATIENCE, listed).catch(seen);
}

async function count(client: Client, since: Date): Promise<Histories> {
  const found = { openIncidents: 0, recoveries: 0, longest: 0, events: 0, runs: 0 };
  for await (const { workflowId, runId, status, startTime } of client.workflow.list()) {
    if (startTime < since) continue;
    if (workflowId === recoveryId(SYSTEM)) found.recoveries += 1;
    if (workflowId !== incidentId(SYSTEM)) continue;
    if (status.name === 'RUNNING') found.openIncidents += 1;
    const { historyLength } = await client.workflow.getHandle(workflowId, runId).describe();
    found.longest = Math.max(found.longest, historyLength);
    found.events += historyLength;
    found.runs += 1;
  }
  return found;
}

/** Ends what the first storm began, so that the second begins anew. */
export async function endAll(client: Client): Promise<void> {
  for await (const { workflowId, runId, status } of client.workflow.list()) {
    if (status.name !== 'RUNNING') continue;
    await client.workflow
      .getHandle(workflowId, runId)
      .terminate('the storm is over')
      .catch(() => {
        // It has gone on in a new run, or ended by itself, meanwhile.
      });
  }
}
