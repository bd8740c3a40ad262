import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { dataConverter } from '../../codec/data-converter.ts';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;

/** A recovery that has run to its end. */
export interface Run {
  history: History;
  /** When somebody said yes, in milliseconds since 1970. */
  approvedMs: number;
}

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

/** Decrypts what went into activities, in place, with the keys in LIFEBOAT_SECRETS_DIR where there are some. */
export async function readable(history: History): Promise<History> {
  const { payloadCodecs = [] } = dataConverter() ?? {};
  for (const { activityTaskScheduledEventAttributes: scheduled } of history.events ?? []) {
    for (const codec of payloadCodecs.toReversed()) {
      if (scheduled?.input?.payloads) scheduled.input.payloads = await codec.decode(scheduled.input.payloads);
    }
  }
  return history;
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
export const BESIDE: readonly string[] = ['notify', 'storeBreakGlass'];

/**
 * The steps from the approval to the first green checks, these included: what is compared with the same operations
 * without an engine.
 */
export function approvedSteps(history: History): StepTimes[] {
  const all = stepsOf(history).filter(({ verb }) => !BESIDE.includes(verb));
  const signed = all.findLastIndex(({ verb }) => verb === 'verifySignatures');
  const green = all.findIndex(({ verb }, at) => verb === 'watchRecovery' && at > signed);
  if (signed < 0 || green < 0) throw new Error('the recovery was not approved, or not verified');
  return all.slice(signed + 1, green + 1);
}

/**
 * Seconds to the first green checks from the moment in which somebody says yes, in milliseconds since 1970: signing it,
 * sending it and checking the signature are part of it.
 */
export function secondsToGreen({ history, approvedMs }: Run): number {
  return ((approvedSteps(history).at(-1)?.completedMs ?? Number.NaN) - approvedMs) / 1000;
}

/** What was done, without regard to the order: `cutOverDns dns`. */
export function namesOf(steps: readonly Pick<StepTimes, 'verb' | 'component'>[]): string[] {
  return steps.map(({ verb, component }) => [verb, ...(component === null ? [] : [component])].join(' ')).sort();
}
