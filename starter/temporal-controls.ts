import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { RecoveryStatus } from '../workflows/recovery/messages.ts';

type Described = Pick<WorkflowExecutionDescription, 'status' | 'closeTime' | 'raw'>;

/** How a run ends that its own workflow knows nothing of. */
const ENDED_OUTSIDE = ['TERMINATED', 'TIMED_OUT', 'FAILED', 'CANCELLED'];

/**
 * The status of a recovery with what was done to it by Temporal's own controls: a run that was terminated answers for ever
 * as it last was, and an activity that was paused in the UI is retried by nobody.
 */
export function withTemporalControls(
  status: RecoveryStatus,
  { status: run, closeTime, raw }: Described,
): RecoveryStatus {
  if (ENDED_OUTSIDE.includes(run.name))
    return endedOutside(status, run.name, closeTime?.toISOString() ?? status.startedAt);
  const paused = (raw.pendingActivities ?? []).filter(({ paused: held }) => held);
  if (paused.length === 0) return status;
  const names = paused.map(({ activityType, activityId }) => `${activityType?.name} (id ${activityId})`).join(', ');
  const how = `temporal activity unpause --workflow-id ${status.workflowId} --activity-id <id>`;
  return { ...status, summary: `PAUSED in Temporal: ${names}; unpause with "${how}". ${status.summary}` };
}

function endedOutside(status: RecoveryStatus, how: string, at: string): RecoveryStatus {
  const text = `${how} in Temporal: nothing was put back and no report was written`;
  return {
    ...status,
    ...{ state: 'failed', gates: [], waitingSince: null },
    summary: `${text}. It was last ${status.state}: ${status.summary}`,
    timeline: [...status.timeline, { at, text }],
  };
}
