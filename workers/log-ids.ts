import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { idsIn, type LogIds } from '../workflows/log-ids.ts';

const known = new WeakMap<Context, LogIds>();

/** Remembers on whose behalf an activity runs, for the lines that it logs and that the SDK logs about it. */
export function logIds(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        known.set(context, idsIn(input.headers));
        return await next(input);
      },
    },
    outbound: { getLogAttributes: (input, next) => next({ ...input, ...known.get(context) }) },
  };
}

/** What a line logged just now belongs to; nothing outside of activities. */
export function idsNow(): object {
  const context = asyncLocalStorage.getStore() as Context | undefined;
  if (context === undefined) return {};
  const { activityType, attempt } = context.info;
  return { ...known.get(context), activity: activityType, attempt };
}
