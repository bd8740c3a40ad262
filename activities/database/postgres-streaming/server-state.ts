import type { Ask } from './connection.ts';

/** What a server says of itself. */
export interface ServerState {
  role: 'primary' | 'standby';
  /** Would a write be accepted? */
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
}

/**
 * A promotion reaches the control file only with its first checkpoint, so a primary's timeline is taken from the name
 * of its WAL file. A standby's is the newest of what it receives, has received, has restarted from and must recover to.
 */
const STATE = `
  select
    case when pg_is_in_recovery() then 'standby' else 'primary' end as "role",
    not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as "writable",
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
      'walreceiver') end as "standbyName"
  from (select max(at) as at from lifeboat.heartbeat) as heartbeat`;

export async function serverState(ask: Ask): Promise<ServerState> {
  const [state] = await ask<ServerState & Record<string, unknown>>(STATE);
  if (state === undefined) throw new Error('the server said nothing of its state');
  return state;
}
