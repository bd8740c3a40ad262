import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.ts';
import type { Verb } from '../../plan/actions/acting.ts';
import { milliseconds } from '../../plan/duration.ts';

type Looking = Pick<Activities, 'observe' | 'verifySignatures' | 'compareLedger' | 'lastRecovery'>;
type Telling = Pick<Activities, 'notify'>;
type Keeping = Pick<Activities, 'storeReport'>;
type KeepingByHand = Pick<Activities, 'storeBreakGlass' | 'storeIncident'>;
type Watching = Pick<Activities, 'watchRecovery'>;
type Changing = Pick<Activities, Verb>;

/**
 * A dead worker is noticed by the missing heartbeat (workers send one each second for every running activity), and
 * the step runs again elsewhere: this bounds how long a crash can delay a recovery.
 */
const HEARTBEAT_TIMEOUT = '4s';

const retry = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/**
 * Looks: quick, harmless, given up on soon, since unknown is an answer too. The time until a worker takes one is not
 * limited: where a whole fleet fails over at once there is a queue, and a look that is late is better than none.
 */
export const look = proxyActivities<Looking>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...retry, maximumAttempts: 3 },
});

/**
 * Changes to the outside world: retried until the caller's `scheduleToCloseTimeout`, then the phase pauses. A cancelled
 * change is waited for, so that a rollback never runs beside the change that it undoes.
 */
export const change = proxyActivities<Changing>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 8 },
});

/** Beyond the time that a watch is to last: its last rounds, and a worker that is slow. */
const WATCH_SPARE = '5m';

/** The watch over a recovered system: `watchOptions` adds the time that it is to last. */
export const watch = proxyActivities<Watching>({
  startToCloseTimeout: WATCH_SPARE,
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...retry, maximumAttempts: 8 },
});

/**
 * Telling people: tried for long, and never in a recovery's way. A channel that asks to be left
 * alone sets the time of the next attempt itself.
 */
export const tell = proxyActivities<Telling>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '15m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** Evidence is stored while the recovery still holds its lock, so this is not tried for as long. */
export const keep = proxyActivities<Keeping>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...retry, maximumAttempts: 10 },
});

/** The break-glass runbook and the parts of an incident's record: more follow, so that none is tried for long. */
export const keepByHand = proxyActivities<KeepingByHand>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '20s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { ...retry, maximumAttempts: 3 },
});

/** Options of a watch, which lasts as long as the plan says. */
export function watchOptions(summary: string, durationMs: number): ActivityOptions {
  return { summary, startToCloseTimeout: durationMs + milliseconds(WATCH_SPARE) };
}

/** Options of one step: what the Temporal UI shows, three times the budget of its phase as a limit, where it runs. */
export function stepOptions(summary: string, budget: string | null | undefined, taskQueue?: string): ActivityOptions {
  return {
    summary,
    ...(budget && { scheduleToCloseTimeout: Math.max(3 * milliseconds(budget), 30_000) }),
    ...(taskQueue !== undefined && { taskQueue }),
  };
}
