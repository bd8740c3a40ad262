import { ActivityFailure, ApplicationFailure, rootCause, TemporalFailure, TimeoutFailure } from '@temporalio/workflow';

/** What went wrong, as one sentence for people: the cause, not the machinery around it. */
export function readable(error: unknown): string {
  if (!(error instanceof ActivityFailure)) return rootCause(error) ?? String(error);
  const { cause, activityType } = error;
  if (cause instanceof TimeoutFailure) return timeout(activityType, cause);
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Error'}: ${cause.message}`;
  return cause instanceof TemporalFailure ? cause.message : (rootCause(error) ?? error.message);
}

function timeout(activityType: string, failure: TimeoutFailure): string {
  switch (failure.timeoutType) {
    case 'SCHEDULE_TO_START':
      return `${activityType}: no worker took the step in time; see that one polls its task queue`;
    case 'HEARTBEAT':
      return `${activityType}: the worker stopped answering`;
    default:
      return `${activityType}: not done within the time allowed${lastWords(failure)}`;
  }
}

function lastWords(failure: TimeoutFailure): string {
  const said = failure.lastHeartbeatDetails as { seen?: unknown } | string | null | undefined;
  const heard = typeof said === 'object' ? said?.seen : said;
  const seen = failure.cause instanceof Error ? failure.cause.message : heard;
  return typeof seen === 'string' ? `; last seen: ${seen}` : '';
}
