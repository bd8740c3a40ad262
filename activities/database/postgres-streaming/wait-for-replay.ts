import { walGap } from '../../../plan/wal-position.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import type { ServerState } from './server-state.ts';

/** Nothing more comes or is replayed for this long: what is left is half a record, which promotion throws away. */
const IDLE_MS = 1_000;

/** A receiver that still streams, from a primary that is not fenced, is waited for no longer than this. */
const STREAMING_MS = 5_000;

/**
 * Waits until the WAL receiver has stopped and all that it received has been replayed, so that nothing that reached this
 * region is lost by promoting too early. Answers the standby's state then.
 */
export async function waitForReplay(look: () => Promise<ServerState>, deadline: number): Promise<ServerState> {
  const startedAt = performance.now();
  let last = { position: '', received: '' as string | null, since: startedAt };
  const wait = { what: 'the standby to replay all that it received', timeoutMs: leftMs(deadline), everyMs: 50 };
  return await until(wait, async (note) => {
    const state = await look();
    const now = performance.now();
    const held = state.paused ? 'replay is paused' : state.heldBy;
    const moves = state.position !== last.position || state.received !== last.received;
    // PostgreSQL shows a wait with gaps: one look that finds it free does not make the time before idle.
    if (moves || held !== null) last = { ...state, since: now };
    const idle = now - last.since >= IDLE_MS;
    const waits = held === null ? '' : `; ${held}`;
    note(
      `replayed ${state.position} of ${state.received ?? 'nothing'}, ${state.receiving ? '' : 'not '}receiving${waits}`,
    );
    return replayEnded({ ...state, held: held !== null }, idle, now - startedAt) ? state : undefined;
  });
}

/**
 * Whether there is nothing left to wait for. A replay that is held stands still with something left: a promotion would
 * wait for it, and happen whenever it goes on, when nobody expects it any more.
 */
export function replayEnded(
  { position, received, receiving, held }: Pick<ServerState, 'position' | 'received' | 'receiving'> & { held: boolean },
  idle: boolean,
  waitedMs: number,
): boolean {
  const allReplayed = (walGap(received, position) ?? 0) === 0;
  if (held && !allReplayed) return false;
  if (idle) return true;
  return allReplayed && (!receiving || waitedMs >= STREAMING_MS);
}
