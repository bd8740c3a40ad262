import { walGap } from '../../../plan/wal-position.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import { type ServerState, sessionsText } from './server-state.ts';

/** Nothing more comes or is replayed for this long: what is left is half a record, which promotion throws away. */
const IDLE_MS = 1_000;

/** A receiver that still streams, from a primary that is not fenced, is waited for no longer than this. */
const STREAMING_MS = 5_000;

/** What may be done to get a promotion through. */
export interface Permitted {
  /** May sessions that hold it up be ended? */
  mayEndSessions: boolean;
  /** Does a guard withdraw it, should it be held up after all? */
  withdrawable: boolean;
}

/**
 * Waits until the WAL receiver has stopped and all that it received has been replayed, so that nothing that reached this
 * region is lost by promoting too early, and until no session can hold the promotion up without end. Answers the
 * standby's state then.
 */
export async function waitForReplay(
  look: () => Promise<ServerState>,
  endSessions: () => Promise<void>,
  permitted: Permitted,
  deadline: number,
): Promise<ServerState> {
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
    const waits = [held, whyNotYet(state, permitted)].filter((why) => why !== null);
    const progress = `replayed ${state.position} of ${state.received ?? 'nothing'}`;
    note([`${progress}, ${state.receiving ? '' : 'not '}receiving`, ...waits].join('; '));
    if (state.heldBy !== null && permitted.mayEndSessions) {
      await endSessions().catch((error: Error) => note(`${state.heldBy}; ${error.message}`));
    }
    const ended = replayEnded({ ...state, held: held !== null }, idle, now - startedAt);
    return ended && whyNotYet(state, permitted) === null ? state : undefined;
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

/** Younger ones end by themselves, as a rule before they can collide. */
const LONG_SECONDS = 1;

type Replay = Pick<ServerState, 'receiving' | 'waitsForWal' | 'waitsWithoutEnd' | 'sessions'>;

/**
 * Why a promotion could be held up without end by a session that does not hold replay up yet; null when none can. Where
 * nothing is left to replay, nothing can collide. Where something is, PostgreSQL's own limits, the permission to end
 * sessions, or a guard see to it; a guard ends every session, so that none that is seen to be long is left to it.
 */
export function whyNotYet(
  { receiving, waitsForWal, waitsWithoutEnd, sessions }: Replay,
  { mayEndSessions, withdrawable }: Permitted,
): string | null {
  const mayCollide = receiving || !waitsForWal;
  if (!mayCollide || !waitsWithoutEnd || mayEndSessions) return null;
  const long = sessions.filter(({ seconds }) => seconds >= LONG_SECONDS);
  if (long.length > 0) {
    const end = 'end them with "select pg_terminate_backend(<pid>)" on the standby';
    return `WAL that is still to be replayed may come to wait for ${sessionsText(long)}: ${end}`;
  }
  if (withdrawable) return null;
  const limits = 'max_standby_streaming_delay and max_standby_archive_delay';
  return `a query could hold up the promotion without end, and no guard could withdraw it: set ${limits} on the standby`;
}
