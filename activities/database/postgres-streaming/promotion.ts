import { refuseIfFrozen } from '../../heartbeat.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import type { Ask } from './connection.ts';
import { type ServerState, serverState } from './server-state.ts';
import { type Permitted, waitForReplay } from './wait-for-replay.ts';

/** A standby that is to be promoted. */
export interface Candidate extends Permitted {
  region: string;
  /** Opens a session with it. */
  inDatabase: <T>(use: (ask: Ask) => Promise<T>) => Promise<T>;
  /** Asked last before the promotion is sent; throws when it must not be. */
  mayPromote: () => Promise<unknown>;
  deadline: number;
}

/** The standby's state just before its promotion, and the primary's after it. */
export interface Promoted {
  ready: ServerState;
  after: ServerState;
}

/**
 * Promotes a standby once nothing can hold its promotion up, and waits until it takes writes. PostgreSQL has no means to
 * take a promotion back, so none is sent that could wait for a session: see `whyNotYet`.
 */
export async function promoteOnceFree(candidate: Candidate, timelineBefore: number): Promise<Promoted> {
  const { inDatabase, mayPromote, deadline } = candidate;
  const endSessions = () => inDatabase(terminateSessions);
  const ready = await waitForReplay(() => inDatabase(serverState), endSessions, candidate, deadline);
  await mayPromote();
  await inDatabase((ask) => {
    // A standby bears no mark of a recovery: whoever stood still meanwhile might promote one that a rollback has rebuilt.
    refuseIfFrozen();
    return ask('select pg_promote(wait => false)');
  });
  return { ready, after: await waitForPrimary(candidate, endSessions, timelineBefore) };
}

async function waitForPrimary(
  { region, inDatabase, mayEndSessions, deadline }: Candidate,
  endSessions: () => Promise<void>,
  timelineBefore: number,
): Promise<ServerState> {
  const wait = { what: `${region} to take writes on a new timeline`, timeoutMs: leftMs(deadline), everyMs: 50 };
  return await until(wait, async (note) => {
    const state = await inDatabase(serverState).catch((error: Error) => note(error.message));
    if (!state) return undefined;
    note(`${state.role} on timeline ${state.timeline}${state.heldBy === null ? '' : `; ${state.heldBy}`}`);
    if (state.heldBy !== null && mayEndSessions) await endSessions().catch((error: Error) => note(error.message));
    return state.writable && state.timeline > timelineBefore ? state : undefined;
  });
}

/** Which of them replay waits for, PostgreSQL does not show; only a superuser may end the session of one. */
const TERMINATE = `
  select pg_terminate_backend(pid) from pg_stat_activity join pg_roles on pg_roles.oid = usesysid
  where backend_type = 'client backend' and xact_start is not null and usename <> current_user and not rolsuper`;

async function terminateSessions(ask: Ask): Promise<void> {
  await ask(TERMINATE).catch((error: Error) => {
    throw new Error(`${error.message}: grant pg_signal_backend to the role, as guard/database.sql does`);
  });
}
