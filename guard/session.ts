import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import type { Term } from '../activities/lease/lease.ts';
import type { GuardConfig } from './config.ts';
import { GUARD_AS_STANDBY } from './wal-stream.ts';

/** What a primary says of itself for the lease. */
export type Figures = Pick<Term, 'walPosition' | 'timeline' | 'synchronous'>;

const TIMEOUT_MS = 1_000;

/**
 * Flushed is what may have been acknowledged. A standby in step counts only while commits wait for it by the server's
 * own default: this session's is another. The guard itself, which commits wait for too, keeps no copy.
 */
const FIGURES = `
  select pg_current_wal_flush_lsn()::text as "walPosition",
    ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int as "timeline",
    (select reset_val in ('on', 'remote_apply') from pg_settings where name = 'synchronous_commit')
      and current_setting('synchronous_standby_names') <> ''
      and exists (select from pg_stat_replication where state = 'streaming' and sync_state in ('sync', 'quorum')
        and application_name <> '${GUARD_AS_STANDBY}')
      as "synchronous"`;

const HEARTBEAT = `
  insert into lifeboat.heartbeat (id, at) values (1, clock_timestamp())
  on conflict (id) do update set at = excluded.at`;

/** The guard's session with its database. It is opened when needed and given up at the first error. */
export class Session {
  #config: GuardConfig;
  #client: Client | null = null;

  constructor(config: GuardConfig) {
    this.#config = config;
  }

  /** Writes the heartbeat and answers the figures; null while the database is a standby. Throws when it cannot tell. */
  async beat(): Promise<Figures | null> {
    try {
      this.#client ??= await this.#open();
      const { rows } = await this.#client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
      if (rows[0]?.standby !== false) return null;
      await this.#client.query(HEARTBEAT);
      return (await this.#client.query<Figures>(FIGURES)).rows[0] ?? null;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Does not wait: a database that hangs would not answer the farewell. */
  close(): void {
    this.#client?.end().catch(() => {});
    this.#client = null;
  }

  async #open(): Promise<Client> {
    const { connection, listen } = this.#config;
    const client = new Client({
      host: connection.host ?? listen.host,
      port: listen.port,
      database: connection.database,
      user: connection.user,
      password: (await readFile(connection.passwordFile, 'utf8')).replace(/\n$/, ''),
      application_name: 'lifeboat guard',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      options: `-c statement_timeout=${TIMEOUT_MS}`,
    });
    // Without a listener a connection that breaks while idle would end the guard.
    client.on('error', () => {});
    try {
      await client.connect();
      // The heartbeat is a measure and must not wait for a standby that is gone. As a setting of the connection it would
      // count as the server's default.
      await client.query('set synchronous_commit = local');
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return client;
  }
}
