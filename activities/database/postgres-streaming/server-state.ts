import type { NotReplicated } from '../../../plan/not-replicated.ts';
import type { Ask } from './connection.ts';
import { CONFLICT_SQL, NOT_REPLICATED_SQL, PARAMETERS_SQL } from './expressions.ts';

/** What a server says of itself. */
export interface ServerState {
  role: 'primary' | 'standby';
  /** Would a write be accepted of a session that asks for it? `default_transaction_read_only` stops none that does. */
  writable: boolean;
  timeline: number;
  /** Primary: flushed. Standby, and a primary that was one since it started: replayed. */
  position: string;
  /** The last position replayed; null for a server that never was a standby since it started. */
  replayed: string | null;
  /** Standby: the last position received; null when nothing was received since it started. */
  received: string | null;
  /** Is a WAL receiver connected? */
  receiving: boolean;
  /** Commit time, by the clock of the primary of that time, of the newest transaction replayed; null is unknown. */
  newestReplayedAt: Date | null;
  /** The heartbeat as this server has it; null when there is none. */
  heartbeatAt: Date | null;
  /** Seconds since the newer of the two. */
  ageSeconds: number | null;
  /** The name under which it receives, or received before its promotion; null when the role may not read it. */
  standbyName: string | null;
  /** Standby: has somebody, or PostgreSQL for want of settings, paused replay? */
  paused: boolean;
  /** Standby: what replay waits for, with pid, user and age of each session; null when it waits for no session. */
  heldBy: string | null;
  /** Standby: sessions of others that are in a transaction, oldest first: replay may come to wait for each. */
  sessions: Session[];
  /** Standby: has it replayed all that is there, so that it waits for more to be written? */
  waitsForWal: boolean;
  /** Standby: may a session hold replay up for as long as it likes? */
  waitsWithoutEnd: boolean;
  applyDelaySeconds: number;
  parameters: Record<string, number>;
  /** Primary: what a promotion of its standby would leave behind; null for a standby. */
  notReplicated: NotReplicated | null;
  /** Do its own settings refuse writes by default, as a primary, too? Those of roles and databases are replicated. */
  readOnlyByDefault: boolean;
  /** Did what the session asked for as it began get lost on the way? A pooler answers then, for a server that it chooses. */
  pooled: boolean;
}

/** A session that is in a transaction. */
export interface Session {
  pid: number;
  user: string;
  seconds: number;
}

/**
 * A promotion reaches the control file only with its first checkpoint, so a primary's timeline is taken from the name
 * of its WAL file. A standby's is the newest of what it receives, has received, has restarted from and must recover to.
 */
const STATE = `
  select
    case when pg_is_in_recovery() then 'standby' else 'primary' end as "role",
    not pg_is_in_recovery() as "writable",
    case when pg_is_in_recovery() then
      greatest(
        (select received_tli from pg_stat_wal_receiver),
        (select max(('x' || left(name, 8))::bit(32)::int) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'),
        (select timeline_id from pg_control_checkpoint()),
        (select min_recovery_end_timeline from pg_control_recovery()))
    else ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int end as "timeline",
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text as "position",
    pg_last_wal_replay_lsn()::text as "replayed",
    pg_last_wal_receive_lsn()::text as "received",
    exists (select from pg_stat_wal_receiver where status = 'streaming') as "receiving",
    pg_last_xact_replay_timestamp() as "newestReplayedAt",
    heartbeat.at as "heartbeatAt",
    extract(epoch from clock_timestamp() - greatest(pg_last_xact_replay_timestamp(), heartbeat.at))::float8
      as "ageSeconds",
    case when pg_has_role('pg_read_all_settings', 'usage') then coalesce(
      substring(current_setting('primary_conninfo') from $$(?:^|\\s)application_name\\s*=\\s*'([^']+)'$$),
      substring(current_setting('primary_conninfo') from $$(?:^|\\s)application_name\\s*=\\s*([^\\s']+)$$),
      nullif(current_setting('cluster_name'), ''),
      'walreceiver') end as "standbyName",
    coalesce(case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() <> 'not paused' end, false) as "paused",
    ${CONFLICT_SQL} as "conflicts",
    coalesce((select json_agg(json_build_object('pid', pid, 'user', usename,
        'seconds', round(extract(epoch from clock_timestamp() - xact_start))) order by xact_start)
      from pg_stat_activity where backend_type = 'client backend' and xact_start is not null
        and usename <> current_user), '[]') as "sessions",
    exists (select from pg_stat_activity where backend_type = 'startup'
      and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval')) as "waitsForWal",
    exists (select from pg_settings where setting = '-1'
      and name in ('max_standby_streaming_delay', 'max_standby_archive_delay')) as "waitsWithoutEnd",
    (select setting::float8 / 1000 from pg_settings where name = 'recovery_min_apply_delay') as "applyDelaySeconds",
    ${PARAMETERS_SQL} as "parameters",
    case when not pg_is_in_recovery() then ${NOT_REPLICATED_SQL} end as "notReplicated",
    coalesce((select setting = 'on' and source in ('configuration file', 'command line')
      from pg_settings where name = 'default_transaction_read_only'), false) as "readOnlyByDefault",
    (select source <> 'client' from pg_settings where name = 'statement_timeout') as "pooled"
  from (select max(at) as at from lifeboat.heartbeat) as heartbeat`;

type Row = Omit<ServerState, 'heldBy'> & { conflicts: boolean };

export async function serverState(ask: Ask): Promise<ServerState> {
  const [row] = await ask<Row & Record<string, unknown>>(STATE);
  if (row === undefined) throw new Error('the server said nothing of its state');
  const { conflicts, ...state } = row;
  return { ...state, heldBy: conflicts ? heldBy(state.sessions) : null };
}

const SESSIONS_NAMED = 3;

/** The oldest of them, with pid, user and age. */
export function sessionsText(sessions: readonly Session[]): string {
  const named = sessions
    .slice(0, SESSIONS_NAMED)
    .map(({ pid, user, seconds }) => `pid ${pid} of ${user}, for ${seconds} s`);
  const more = sessions.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function heldBy(sessions: readonly Session[]): string {
  const named = sessions.length === 0 ? 'a session that has just ended' : sessionsText(sessions);
  return `replay waits for ${named}: end it with "select pg_terminate_backend(<pid>)" on the standby`;
}
