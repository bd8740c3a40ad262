import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { fault } from './fault.ts';
import { heartbeat } from './heartbeat.ts';

export interface Wait {
  /** What is waited for, completing "gave up waiting for …". */
  what: string;
  timeoutMs: number;
  everyMs: number;
  /** Heartbeated along with what was seen, for the activity's next attempt to go on from: `{ seen, progress }`. */
  progress?: unknown;
}

/**
 * Asks `look` until it answers something other than undefined, heartbeating as it waits. Stops at once when the
 * activity is cancelled, and throws a retryable `NotReached` at the deadline, with the last thing that `look` noted.
 */
export async function until<T>(wait: Wait, look: (note: (seen: string) => void) => Promise<T | undefined>): Promise<T> {
  const { cancellationSignal } = Context.current();
  const deadline = Date.now() + wait.timeoutMs;
  let seen = 'nothing yet';
  for (;;) {
    const found = await look((note) => {
      seen = note;
    });
    if (found !== undefined) return found;
    heartbeat(wait.progress === undefined ? seen : { seen, progress: wait.progress });
    if (Date.now() >= deadline) {
      throw fault('NotReached', `gave up waiting for ${wait.what} after ${wait.timeoutMs} ms; last seen: ${seen}`);
    }
    await sleep(wait.everyMs, undefined, { signal: cancellationSignal });
  }
}
