import { type Client, type WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { servesAfter } from '../../plan/direction.ts';
import { Report } from '../../plan/report.ts';
import type { LastRecovery, LastRecoveryRequest } from '../contract.ts';

/** A recovery is acknowledged in the incident that it ended in, or in the one after that. */
const INCIDENTS_BACK = 3;

/** The newest run of a system's recovery, or the one that is named, whoever started it; null when there is none. */
export async function lastRecovery(
  client: Client,
  { recoveryId, runId: wanted, incidentId }: LastRecoveryRequest,
): Promise<LastRecovery | null> {
  const about = await describe(client, recoveryId, wanted);
  if (about === null) return null;
  const { runId, type, startTime, closeTime } = about;
  const run = { runId, type, startedAt: startTime.toISOString() };
  if (closeTime === undefined) return { ...run, ended: null };
  const acknowledged = incidentId !== undefined && (await isAcknowledged(client, incidentId, `${recoveryId}/${runId}`));
  return { ...run, ended: { at: closeTime.toISOString(), ...(await endOf(client, about)), acknowledged } };
}

/** Null only when Temporal answers that there is no such run: any other failure tells nothing. */
async function describe(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function endOf(client: Client, { workflowId, runId, status }: WorkflowExecutionDescription) {
  try {
    const left = Report.safeParse(await client.workflow.getHandle(workflowId, runId).result());
    if (!left.success) return withoutReport('its result is none');
    const { outcome, reason } = left.data;
    return { outcome, reason, serves: servesAfter(left.data) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return withoutReport(`it is ${status.name.toLowerCase()}`);
  }
}

const withoutReport = (why: string) => ({ outcome: 'failed', reason: `it left no report: ${why}`, serves: null });

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
