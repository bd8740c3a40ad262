import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;

/** One activity as the history tells it; times in milliseconds since 1970, of its last attempt. */
export interface StepTimes {
  verb: string;
  /** The component that it was done to; null for verbs that look at the whole system. */
  component: string | null;
  attempt: number;
  /** `<pid>@<host>` of the worker. */
  worker: string;
  scheduledMs: number;
  startedMs: number;
  completedMs: number;
}

/** Activities that were completed, in the order in which they were scheduled. */
export function stepsOf({ events }: History): StepTimes[] {
  const byId = new Map((events ?? []).map((event) => [Number(event.eventId), event]));
  const steps = (events ?? []).flatMap((event) => {
    const completed = event.activityTaskCompletedEventAttributes;
    const scheduled = byId.get(Number(completed?.scheduledEventId));
    const started = byId.get(Number(completed?.startedEventId));
    return scheduled && started ? [stepTimes(scheduled, started, event)] : [];
  });
  return steps.sort((a, b) => a.scheduledMs - b.scheduledMs);
}

function stepTimes(scheduled: Event, started: Event, completed: Event): StepTimes {
  const { activityType, input } = scheduled.activityTaskScheduledEventAttributes ?? {};
  const [payload] = input?.payloads ?? [];
  const request = payload && defaultPayloadConverter.fromPayload<{ component?: { name: string } }>(payload);
  return {
    verb: activityType?.name ?? '',
    component: request?.component?.name ?? null,
    attempt: started.activityTaskStartedEventAttributes?.attempt ?? 1,
    worker: started.activityTaskStartedEventAttributes?.identity ?? '',
    scheduledMs: timeOf(scheduled),
    startedMs: timeOf(started),
    completedMs: timeOf(completed),
  };
}

function timeOf({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;
}

/** People are told, and the runbook for an emergency is kept, beside the steps: nothing waits for these. */
const BESIDE = ['notify', 'storeBreakGlass'];

/**
 * When the approval was known to be good, and the steps from there to the first green checks, both included: what is
 * compared with the same operations without an engine.
 */
export function approvedSteps(history: History): { approvedMs: number; steps: StepTimes[] } {
  const all = stepsOf(history).filter(({ verb }) => !BESIDE.includes(verb));
  const signed = all.findLastIndex(({ verb }) => verb === 'verifySignature');
  const green = all.findIndex(({ verb }, at) => verb === 'watchRecovery' && at > signed);
  const approval = all[signed];
  if (approval === undefined || green < 0) throw new Error('the recovery was not approved, or not verified');
  return { approvedMs: approval.completedMs, steps: all.slice(signed + 1, green + 1) };
}

/** Seconds from the approval to the first green checks. */
export function secondsToGreen({ approvedMs, steps }: ReturnType<typeof approvedSteps>): number {
  return ((steps.at(-1)?.completedMs ?? Number.NaN) - approvedMs) / 1000;
}

/** What was done, without regard to the order: `cutOverDns dns`. */
export function namesOf(steps: readonly Pick<StepTimes, 'verb' | 'component'>[]): string[] {
  return steps.map(({ verb, component }) => [verb, ...(component === null ? [] : [component])].join(' ')).sort();
}
