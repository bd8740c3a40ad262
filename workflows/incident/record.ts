import { isCancellation } from '@temporalio/workflow';
import type { ApprovalRecord, IncidentRecord } from '../../plan/report.ts';
import { keepByHand } from '../recovery/proxies.ts';
import type { Incident } from './state.ts';

/** How much is kept in an incident once it is stored: enough for people, and small enough to travel from run to run. */
const KEPT = { refused: 50, notifications: 50 };

/** How much is kept while it cannot be stored. */
const UNSTORED = { refused: 500, notifications: 200 };

/**
 * Stores what has been said and told since the last part of the record, then forgets what is too much to carry on. What
 * was accepted is never forgotten. While nothing can be stored, far more is kept; what is forgotten even then is counted.
 */
export async function keepRecord(incident: Incident): Promise<void> {
  const { approvals, notifications, stored } = incident.memory;
  if (approvals.length === stored.approvals && notifications.length === stored.notifications) return;
  const record = recordOf(incident);
  try {
    const options = { summary: `keep part ${record.part} of the incident's record` };
    await keepByHand.storeIncident.executeWithOptions(options, [{ plan: incident.plan, record }]);
    stored.parts = record.part;
    stored.approvals = record.approvals.length;
    stored.notifications = record.notifications.length;
  } catch (error) {
    if (isCancellation(error)) throw error;
    incident.note(`part ${record.part} of the record could not be stored; it is tried again with the next`);
  }
  forget(incident);
}

function recordOf({ plan, memory, ref }: Incident): IncidentRecord {
  return {
    schemaVersion: 1,
    system: plan.system,
    environment: plan.environment,
    mode: plan.mode,
    planHash: plan.hash,
    workflowId: ref.workflowId,
    runId: ref.runId,
    openedAt: memory.openedAt,
    part: memory.stored.parts + 1,
    recordedAt: new Date(Date.now()).toISOString(),
    summary: memory.summary,
    recoveries: memory.recoveries,
    approvals: [...memory.approvals],
    approvalsNotKept: memory.refusedBefore.notKept,
    notifications: [...memory.notifications],
    timeline: [...memory.timeline],
  };
}

function forget({ memory }: Incident): void {
  forgetApprovals(memory);
  const { notifications, stored } = memory;
  const notStored = notifications.length - stored.notifications;
  const kept = Math.max(KEPT.notifications, Math.min(notStored, UNSTORED.notifications));
  stored.notifications = Math.max(
    0,
    stored.notifications - notifications.splice(0, notifications.length - kept).length,
  );
}

/** Refused ones go, the oldest first: those that are stored down to a few, others only when there are far too many. */
function forgetApprovals({ approvals, stored, refusedBefore }: Incident['memory']): void {
  const refused = (those: ApprovalRecord[]) => those.filter(({ accepted }) => !accepted).length;
  const keep = Math.max(KEPT.refused, Math.min(refused(approvals.slice(stored.approvals)), UNSTORED.refused));
  let tooMany = refused(approvals) - keep;
  for (let index = 0; tooMany > 0 && index < approvals.length; ) {
    if (approvals[index]?.accepted) {
      index += 1;
      continue;
    }
    approvals.splice(index, 1);
    tooMany -= 1;
    refusedBefore.all += 1;
    if (index < stored.approvals) stored.approvals -= 1;
    else refusedBefore.notKept += 1;
  }
}
