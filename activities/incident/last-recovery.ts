import { type Client, type WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { servesAfter } from '../../plan/direction.ts';
import { Report } from '../../plan/report.ts';
import type { LastRecovery } from '../contract.ts';

/** A recovery is acknowledged in the incident that it ended in, or in the one after that. */
const INCIDENTS_BACK = 3;

/** The newest run of a system's recovery, whoever started it. */
export async function lastRecovery(
  client: Client,
  { recoveryId, incidentId }: { recoveryId: string; incidentId: string },
): Promise<LastRecovery | null> {
  const about = await describe(client, recoveryId);
  if (about === null) return null;
  const { runId, type, startTime, closeTime } = about;
  const run = { runId, type, startedAt: startTime.toISOString() };
  if (closeTime === undefined) return { ...run, ended: null };
  const acknowledged = await isAcknowledged(client, incidentId, `${recoveryId}/${runId}`);
  return { ...run, ended: { at: closeTime.toISOString(), ...(await endOf(client, about)), acknowledged } };
}

async function describe(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function endOf(client: Client, { workflowId, runId, status }: WorkflowExecutionDescription) {
  try {
    const report = Report.parse(await client.workflow.getHandle(workflowId, runId).result());
    return { outcome: report.outcome, reason: report.reason, serves: servesAfter(report) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { outcome: 'failed', reason: `it left no report: it is ${status.name.toLowerCase()}`, serves: null };
  }
}

/** Told by the results of the last incidents of the system. */
async function isAcknowledged(client: Client, incidentId: string, recovery: string): Promise<boolean> {
  let left = INCIDENTS_BACK;
  const query = `WorkflowId = '${incidentId}' AND ExecutionStatus = 'Completed'`;
  for await (const { runId } of client.workflow.list({ query, pageSize: INCIDENTS_BACK })) {
    const { recoveries } = (await client.workflow.getHandle(incidentId, runId).result()) as IncidentResult;
    if (recoveries.some(({ id, acknowledged }) => id === recovery && acknowledged)) return true;
    left -= 1;
    if (left === 0) break;
  }
  return false;
}

/** What of an incident's last status matters here. */
interface IncidentResult {
  recoveries: { id: string; acknowledged: boolean }[];
}
