import type { DatabaseShape, DatabaseUser } from '../shapes/shape.ts';

/** Settings of the lab's PostgreSQL: small, safe, and quick to notice that the other region is gone. */
export interface Settings {
  /** Name by which the standby connects; commits wait for it when replication is synchronous, on the primary only. */
  waitFor: string | null;
}

export function settings({ waitFor }: Settings): string {
  return `
wal_level = replica
hot_standby = on
wal_log_hints = on
max_wal_senders = 6
max_replication_slots = 6
wal_keep_size = 64MB
max_slot_wal_keep_size = 512MB
max_wal_size = 256MB
max_connections = 100
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
unix_socket_directories = ''
password_encryption = scram-sha-256
wal_receiver_timeout = 3s
wal_sender_timeout = 5s
wal_retrieve_retry_interval = 500ms
wal_receiver_status_interval = 1s
synchronous_commit = on
synchronous_standby_names = '${waitFor === null ? '' : `"${waitFor}"`}'
tcp_keepalives_idle = 5
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
`;
}

/** The superuser has no way in: it is used before the server listens, and never after. */
export function hostBasedAuthentication({ name, users }: DatabaseShape): string {
  const lines = Object.values(users).map((user) => `host ${name} ${user.name} 127.0.0.0/8 scram-sha-256`);
  return `${lines.join('\n')}\nhost replication ${users.replicator.name} 127.0.0.0/8 scram-sha-256\n`;
}

/**
 * Shorter than the lease's ttl, so that a session that was frozen with its region mostly ends as it is woken: these timers
 * run on while a process is stopped. What it commits all the same is not acknowledged.
 */
const FROZEN_SHARE = 0.625;
const TIMEOUTS = ['statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];

interface Cluster {
  database: DatabaseShape;
  passwords: Record<DatabaseUser, string>;
  /** Each keeps WAL for a standby. */
  slots: string[];
  /** Of the lease; null without one. */
  ttlMs: number | null;
}

/** Roles with their passwords, the application's database, and the standbys' slots. */
export function clusterSql({ database, passwords, slots, ttlMs }: Cluster): string {
  const { application, lifeboat, replicator } = database.users;
  const timeouts = ttlMs === null ? [] : TIMEOUTS;
  const frozenMs = FROZEN_SHARE * (ttlMs ?? 0);
  return [
    `create role ${application.name} login password '${passwords.application}'`,
    ...timeouts.map((timeout) => `alter role ${application.name} set ${timeout} = ${frozenMs}`),
    `create role ${lifeboat.name} login password '${passwords.lifeboat}'`,
    `create role ${replicator.name} login replication password '${passwords.replicator}'`,
    `create database ${database.name} owner ${application.name}`,
    ...slots.map((slot) => `select pg_create_physical_replication_slot('${slot}', true)`),
  ]
    .map((statement) => `${statement};\n\n`)
    .join('');
}

/** The cache is rebuilt from the application's tables, also from those that are yet to come. */
export function applicationSql({ users: { application, lifeboat } }: DatabaseShape): string {
  return `
alter default privileges for role ${application.name} in schema public grant select on tables to ${lifeboat.name};

`;
}
