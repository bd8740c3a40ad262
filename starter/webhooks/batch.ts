import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Alert } from '../../workflows/incident-messages.ts';
import type { Incidents } from './incidents.ts';

export interface BatchOptions {
  /** At most one signal per system in this time, in milliseconds; the first of a quiet time goes at once. */
  windowMs: number;
  /** More than this, in bytes of JSON, goes in several signals: Temporal refuses payloads of 2 MiB. */
  maxBytes: number;
}

/**
 * Puts the alerts of a storm together, so that a workflow's history grows with time and not with alerts. Each caller
 * waits until Temporal has the signal that its own alerts are in.
 */
export function batched(incidents: Incidents, options: BatchOptions): Incidents {
  const queues = new Map<string, Queue>();
  return {
    async raise(plan, alerts, timeoutMs) {
      const queue = queues.get(plan.system) ?? new Queue(plan, incidents, options);
      queues.set(plan.system, queue);
      await queue.add(alerts, timeoutMs);
    },
    check: (timeoutMs) => incidents.check(timeoutMs),
  };
}

interface Batch {
  alerts: Alert[];
  bytes: number;
  /** When the first caller's time is up, in milliseconds of `performance.now()`. */
  deadlineMs: number;
  timer: NodeJS.Timeout;
  sent: PromiseWithResolvers<void>;
}

/** The alerts of one system on their way to Temporal. */
class Queue {
  readonly #plan: RecoveryPlan;
  readonly #incidents: Incidents;
  readonly #options: BatchOptions;
  #open: Batch | null = null;
  #lastSentMs = Number.NEGATIVE_INFINITY;

  constructor(plan: RecoveryPlan, incidents: Incidents, options: BatchOptions) {
    this.#plan = plan;
    this.#incidents = incidents;
    this.#options = options;
  }

  async add(alerts: readonly Alert[], timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const batches = new Set(alerts.map((alert) => this.#put(alert, deadlineMs)));
    await Promise.all([...batches].map(({ sent }) => sent.promise));
  }

  #put(alert: Alert, deadlineMs: number): Batch {
    const bytes = Buffer.byteLength(JSON.stringify(alert));
    if (this.#open && this.#open.bytes + bytes > this.#options.maxBytes) this.#send(this.#open);
    const batch = this.#open ?? this.#begin(deadlineMs);
    batch.alerts.push(alert);
    batch.bytes += bytes;
    batch.deadlineMs = Math.min(batch.deadlineMs, deadlineMs);
    return batch;
  }

  #begin(deadlineMs: number): Batch {
    const waitMs = Math.max(0, this.#lastSentMs + this.#options.windowMs - performance.now());
    const timer = setTimeout(() => this.#send(batch), waitMs);
    const batch: Batch = { alerts: [], bytes: 0, deadlineMs, timer, sent: Promise.withResolvers() };
    this.#open = batch;
    return batch;
  }

  #send(batch: Batch): void {
    clearTimeout(batch.timer);
    this.#open = null;
    this.#lastSentMs = performance.now();
    const { promise, resolve, reject } = batch.sent;
    // Its callers handle the failure; a batch without any left must not end the process.
    promise.catch(() => {});
    const timeoutMs = Math.max(1, batch.deadlineMs - performance.now());
    this.#incidents.raise(this.#plan, batch.alerts, timeoutMs).then(resolve, reject);
  }
}
