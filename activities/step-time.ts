import { Context } from '@temporalio/activity';

/** Kept free before the step's time-out, so that a wait reports what it last saw instead of being cut off. */
const MARGIN_MS = 1_000;

/** For steps without a time-out of their own. */
const WITHOUT_TIMEOUT_MS = 300_000;

/**
 * When waits of this attempt must give up, in milliseconds since 1970. Asked as the attempt starts: Temporal counts
 * its start-to-close time-out from there.
 */
export function stepDeadline(): number {
  const { startToCloseTimeoutMs } = Context.current().info;
  if (startToCloseTimeoutMs <= 0) return Date.now() + WITHOUT_TIMEOUT_MS;
  return Date.now() + startToCloseTimeoutMs - Math.min(MARGIN_MS, startToCloseTimeoutMs / 2);
}

/** Milliseconds left until a deadline, never less than 0. */
export function leftMs(deadline: number): number {
  return Math.max(0, deadline - Date.now());
}

/**
 * A signal for one call to the outside: it fires when the activity is cancelled, and when the call takes too long.
 *
 * @param timeoutMs how long the call may take
 */
export function callSignal(timeoutMs: number): AbortSignal {
  return AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(timeoutMs)]);
}
