import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;

/** Versions of the workflow's code are kept in this attribute, and are not billed. */
const OF_VERSIONS = 'TemporalChangeVersion';

/**
 * What Temporal Cloud bills for the events of one run, by kind: https://docs.temporal.io/cloud/actions. Markers count once
 * for each workflow task, and what continues as new counts where it is started. What two runs have to do with each other is
 * billed once: a child, twice, and a signal in the history of whoever starts or sends it. Heartbeats and queries are in no
 * history: see `unrecorded`.
 */
export function countActions({ events }: History): Record<string, number> {
  const counts: Record<string, number> = {};
  const marked = new Set<string>();
  for (const [at, event] of (events ?? []).entries()) {
    if (isCountedElsewhere(event, events?.[at - 1])) continue;
    for (const [kind, count] of billed(event, marked)) counts[kind] = (counts[kind] ?? 0) + count;
  }
  return counts;
}

function isCountedElsewhere(event: Event, before: Event | undefined): boolean {
  const { workflowExecutionStartedEventAttributes: started, workflowExecutionSignaledEventAttributes: signaled } =
    event;
  if (started) return Boolean(started.parentWorkflowExecution) && !started.continuedExecutionRunId;
  if (!signaled) return false;
  // To start with a signal is one action, whether it starts or not.
  return Boolean(signaled.externalWorkflowExecution) || Boolean(before?.workflowExecutionStartedEventAttributes);
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
