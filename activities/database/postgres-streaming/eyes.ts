import { ApplicationFailure } from '@temporalio/common';
import type { ReplayFacts } from '../../../plan/facts.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Deps } from '../../deps.ts';
import type { Stored } from '../../lease/store.ts';
import { cannotTell } from '../../reachability.ts';
import type { DatabaseEyes, DatabaseFacts, LeaseFacts } from '../provider.ts';
import { withDatabase } from './connection.ts';
import { lastFailure } from './last-failure.ts';
import { withLease } from './lease-access.ts';
import { POOLED } from './pooler.ts';
import { type ServerState, serverState, sessionsText } from './server-state.ts';

/** How PostgreSQL and its guards are looked at. */
export const eyes: DatabaseEyes = { databaseFacts, leaseFacts };

const UNSEEN = { databaseRole: null, timeline: null, walPosition: null, replayAgeSeconds: null };

async function databaseFacts(component: WiredComponent, region: string, deps: Deps): Promise<DatabaseFacts> {
  try {
    const state = await withDatabase(component, region, deps.secrets, serverState);
    if (state.pooled) return { ...UNSEEN, databaseReachable: null, remarks: [`the database in ${region}: ${POOLED}`] };
    return {
      databaseReachable: true,
      databaseRole: state.role,
      timeline: state.timeline,
      walPosition: state.position,
      replayAgeSeconds: state.role === 'standby' ? state.ageSeconds : null,
      replay: state.role === 'standby' ? replayFacts(state, component.endBlockingSessions ?? false) : null,
      ...(state.notReplicated && { notReplicated: state.notReplicated }),
      remarks: [],
    };
  } catch (error) {
    return { ...UNSEEN, ...judgeFailure(error, region, await whyDown(error, component, region)) };
  }
}

/** Sessions that last this long may be there still when the standby is promoted. */
const LONG_SECONDS = 5;

function replayFacts(
  { paused, heldBy, sessions, applyDelaySeconds, received, parameters, readOnlyByDefault }: ServerState,
  endsSessions: boolean,
): ReplayFacts {
  const long = sessions.filter(({ seconds }) => seconds >= LONG_SECONDS);
  const readOnly = readOnlyByDefault && ({ readOnlyByDefault } as const);
  const replay = { paused, applyDelaySeconds, receivedPosition: received, parameters, ...readOnly };
  const ended = 'the promotion ends the sessions that hold it up';
  if (heldBy !== null) return { ...replay, heldBy: endsSessions ? `${heldBy}; ${ended}` : heldBy };
  if (long.length === 0) return { ...replay, heldBy };
  const does = endsSessions ? ended : 'a promotion waits for it to end when it does; the plan does not let it be ended';
  return { ...replay, heldBy, mayHold: `replay may come to wait for ${sessionsText(long)}: ${does}` };
}

/** `cannot_connect_now`: starting up, shutting down or in recovery without hot standby. */
const NOT_NOW = '57P03';

/** Of a server whose machine answers, why it ended by itself a moment ago, in the words of its log. */
async function whyDown(error: unknown, component: WiredComponent, region: string): Promise<string> {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== NOT_NOW && code !== 'ECONNREFUSED') return '';
  const failure = await withLease(component, region, (access) => lastFailure(access, region)).catch(() => null);
  return failure === null ? '' : `; it ended with ${failure}`;
}

/** An SQLSTATE comes from a server that answers, even if it does not let us in. */
function judgeFailure(
  error: unknown,
  region: string,
  why: string,
): Pick<DatabaseFacts, 'databaseReachable' | 'remarks'> {
  const { message, code } = error as NodeJS.ErrnoException;
  const remarks = [`the database in ${region}: ${message}${why}`];
  if (error instanceof ApplicationFailure || cannotTell(code)) return { databaseReachable: null, remarks };
  return { databaseReachable: /^[0-9A-Z]{5}$/.test(code ?? '') && code !== NOT_NOW, remarks };
}

async function leaseFacts(component: WiredComponent, region: string): Promise<LeaseFacts> {
  try {
    return await withLease(component, region, async (access) => {
      const stored = await access?.store.read();
      if (access === null || stored == null) return { lease: null, remarks: [] };
      const { holder, renewedAt, walPosition, parameters, notReplicated } = stored.lease;
      const expiresAt = new Date(expiryOf(stored, access.clockSkewMs, Date.now())).toISOString();
      return { lease: { holder, renewedAt, expiresAt, walPosition, parameters, notReplicated }, remarks: [] };
    });
  } catch (error) {
    return { lease: null, remarks: [error instanceof Error ? error.message : String(error)] };
  }
}

/**
 * When the holder's right ends at the latest, in milliseconds since 1970 by our clock. Where the store's clock contradicts
 * ours, by the age that the store itself gives the last renewal; where that is not known, one ttl from now.
 *
 * @param nowMs as our clock has it
 */
export function expiryOf({ lease, apartMs, ageMs }: Omit<Stored, 'etag'>, clockSkewMs: number, nowMs: number): number {
  const { renewedAt, storedAt, ttlMs } = lease;
  const believable = apartMs !== null && apartMs <= clockSkewMs;
  if (!believable) return nowMs - (ageMs ?? 0) + ttlMs + clockSkewMs;
  return Math.max(Date.parse(renewedAt), storedAt === null ? 0 : Date.parse(storedAt)) + ttlMs + clockSkewMs;
}
