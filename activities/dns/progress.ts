import { Context } from '@temporalio/activity';
import { heartbeat } from '../heartbeat.ts';

/** What the next attempt of a cutover must know of this one. */
export interface Progress {
  /** This step has changed records, in this attempt or an earlier one. */
  changed: boolean;
  /** The longest that an old answer may live in a cache, in seconds. */
  oldTtlSeconds: number;
  /** The vendor's name for the change, to ask how far it is. */
  changeId?: string;
  /** When every server was first seen to answer the new values, in milliseconds since 1970. */
  answeredAt?: number;
}

/**
 * Where an attempt starts from. Once records are changed, only what an earlier attempt kept tells how long their old
 * answers live.
 *
 * @param changing whether records are to be changed now
 * @param ttlSeconds the times to live of the records to be changed; of all records when nothing is left to change, which
 *   stand in when nothing was kept
 */
export function startProgress(changing: boolean, ttlSeconds: readonly number[]): Progress {
  const earlier = earlierProgress();
  if (!changing) return earlier ?? { changed: false, oldTtlSeconds: Math.max(...ttlSeconds) };
  return { changed: true, oldTtlSeconds: Math.max(...ttlSeconds, earlier?.oldTtlSeconds ?? 0) };
}

function earlierProgress(): Progress | undefined {
  const details: { progress?: Progress } | string | undefined = Context.current().info.heartbeatDetails;
  return typeof details === 'object' ? details.progress : undefined;
}

/** Keeps progress for the next attempt. Waits keep it too, by their `progress`. */
export function keepProgress(seen: string, progress: Progress): void {
  heartbeat({ seen, progress });
}
