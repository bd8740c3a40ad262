import type { WorkflowHandle } from '@temporalio/client';

/**
 * What a cloud bill counts, as far as a history shows it (https://docs.temporal.io/cloud/actions). Queries and heartbeats
 * are counted as well and are in no history: a recovery gets a query for each look of a person, and a step one heartbeat
 * for each three seconds that it takes.
 */
const COUNTED = [
  'workflowExecutionStartedEventAttributes',
  'timerStartedEventAttributes',
  'upsertWorkflowSearchAttributesEventAttributes',
  'markerRecordedEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'signalExternalWorkflowExecutionInitiatedEventAttributes',
  'workflowExecutionUpdateAcceptedEventAttributes',
] as const;

export interface HistorySize {
  events: number;
  actions: number;
}

/** The events and actions of a run, every attempt of an activity counted. */
export async function historySize(handle: WorkflowHandle): Promise<HistorySize> {
  const { events } = await handle.fetchHistory();
  const counted = (events ?? []).map((event) => {
    // One event for all attempts: it says which the last one was.
    const attempts = event.activityTaskStartedEventAttributes?.attempt;
    return attempts ?? (COUNTED.some((kind) => event[kind]) ? 1 : 0);
  });
  return { events: events?.length ?? 0, actions: counted.reduce((sum, each) => sum + each, 0) };
}
