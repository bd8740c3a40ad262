import { leftMs } from '../step-time.ts';
import { until } from '../until.ts';
import { differences, type Server } from './answers.ts';
import { keepProgress, type Progress } from './progress.ts';
import type { RecordValues } from './record.ts';

/** Old answers are handed out until servers change, so when they do must be seen closely. */
const ASK_MS = 50;

/** The most between two heartbeats while old answers expire. */
const HEARTBEAT_MS = 1_000;

/** Timers may fire this much early. */
const TIMER_MS = 2;

interface Propagation {
  servers: readonly Server[];
  wanted: readonly RecordValues[];
  progress: Progress;
  /** When to give up, in milliseconds since 1970. */
  deadline: number;
}

/**
 * Waits until clients follow a change: until every server answers the new values, and from then on until the last
 * old answer that any of them gave has expired in every cache that honours its time to live.
 *
 * @returns when each was reached, in milliseconds since 1970
 */
export async function untilClientsFollow(ask: Propagation): Promise<{ answeredAt: number; expiredAt: number }> {
  const answeredAt = ask.progress.answeredAt ?? (await untilAnswered(ask));
  const progress = { ...ask.progress, answeredAt };
  keepProgress('every server answers the new values', progress);
  const expiresAt = answeredAt + progress.oldTtlSeconds * 1000;
  const what = `old answers to expire, ${progress.oldTtlSeconds} s after the last was given`;
  const wait = { what, timeoutMs: leftMs(ask.deadline), everyMs: evenSteps(leftMs(expiresAt)), progress };
  const expiredAt = await until(wait, async (note) => {
    const now = Date.now();
    note(`${((expiresAt - now) / 1000).toFixed(1)} s until old answers have expired`);
    return now >= expiresAt ? now : undefined;
  });
  return { answeredAt, expiredAt };
}

/** Steps no longer than a heartbeat's, the last of which ends when the whole does. */
function evenSteps(wholeMs: number): number {
  return Math.ceil(wholeMs / Math.max(1, Math.ceil(wholeMs / HEARTBEAT_MS))) + TIMER_MS;
}

function untilAnswered({ servers, wanted, progress, deadline }: Propagation): Promise<number> {
  const wait = { what: 'the new DNS answers', timeoutMs: leftMs(deadline), everyMs: ASK_MS, progress };
  return until(wait, async (note) => {
    const differing = await differences(servers, wanted);
    note(differing.join('; '));
    return differing.length === 0 ? Date.now() : undefined;
  });
}
