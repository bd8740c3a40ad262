import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { beginsToLive, repeatHeartbeat } from '../activities/heartbeat.ts';

const EVERY_MS = 1_000;

/**
 * Heartbeats for every running activity, so that a long call to the outside world needs none of its own: a missing
 * heartbeat means that the worker is gone, and a cancellation reaches the activity while it waits. Details
 * are kept for the next attempt.
 */
export function keepAlive(context: Context): { inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input, next) {
        beginsToLive(context);
        const timer = setInterval(() => repeatHeartbeat(context), EVERY_MS);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
}
