import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;

/** Versions of the workflow's code are kept in this attribute, and are not billed. */
const OF_VERSIONS = 'TemporalChangeVersion';

/**
 * What Temporal Cloud bills for the events of one run, by kind: https://docs.temporal.io/cloud/actions. Markers count once
 * for each workflow task, starting a child counts twice, what continues as new counts where it is started. Heartbeats and
 * queries are in no history: the server's own count has them.
 */
export function countActions({ events }: History): Record<string, number> {
  const counts: Record<string, number> = {};
  const marked = new Set<string>();
  for (const event of events ?? []) {
    for (const [kind, count] of billed(event, marked)) counts[kind] = (counts[kind] ?? 0) + count;
  }
  return counts;
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function billed(event: Event, marked: Set<string>): [kind: string, count: number][] {
  const retries = (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1;
  const task = `${event.markerRecordedEventAttributes?.workflowTaskCompletedEventId}`;
  const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {};
  if (event.workflowExecutionStartedEventAttributes) return [['starts', 1]];
  if (event.activityTaskScheduledEventAttributes) return [['activities', 1]];
  if (retries > 0) return [['retries of activities', retries]];
  if (event.timerStartedEventAttributes) return [['timers', 1]];
  if (Object.keys(upserted).some((name) => name !== OF_VERSIONS)) return [['search attributes', 1]];
  if (event.signalExternalWorkflowExecutionInitiatedEventAttributes) return [['signals', 1]];
  if (event.workflowExecutionSignaledEventAttributes) return [['signals', 1]];
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return [['updates', 1]];
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return [['children', 2]];
  if (!event.markerRecordedEventAttributes || marked.has(task)) return [];
  marked.add(task);
  return [['markers', 1]];
}
