import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import {
  CONFLICT_SQL,
  NOT_REPLICATED_SQL,
  PARAMETERS_SQL,
} from '../activities/database/postgres-streaming/expressions.ts';
import type { Term } from '../activities/lease/lease.ts';
import type { GuardConfig } from './config.ts';
import { requiredNames } from './standby-names.ts';
import { GUARD_AS_STANDBY } from './wal-stream.ts';

/** What a primary says of itself for the lease. */
export type Figures = Pick<Term, 'walPosition' | 'timeline' | 'synchronousStandbys' | 'parameters' | 'notReplicated'>;

const TIMEOUT_MS = 1_000;

/** What the database answers: every receiver that commits may wait for, and whether they wait at all. */
interface Row {
  walPosition: string;
  timeline: number;
  standbyNames: string;
  /** Do all commits wait, but for those of sessions that ask otherwise? */
  waits: boolean;
  receivers: { name: string; flushed: string; inStep: boolean }[];
  parameters: Record<string, number>;
  notReplicated: Figures['notReplicated'];
}

/**
 * Flushed is what may have been acknowledged. Commits wait by the server's own default (this session's is another), if
 * no role or database has been given a lesser one. The guard itself, which commits wait for too, keeps no copy.
 */
const FIGURES = `
  select pg_current_wal_flush_lsn()::text as "walPosition",
    ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int as "timeline",
    current_setting('synchronous_standby_names') as "standbyNames",
    (select reset_val in ('on', 'remote_apply') from pg_settings where name = 'synchronous_commit')
      and not exists (select from pg_db_role_setting, unnest(setconfig) as set
        where set ~ '^synchronous_commit=(off|local|remote_write)$') as "waits",
    coalesce((select json_agg(json_build_object('name', application_name, 'flushed', flush_lsn::text,
        'inStep', coalesce(flush_lsn is not null and state = 'streaming' and sync_state in ('sync', 'quorum'), false)))
      from pg_stat_replication where application_name <> '${GUARD_AS_STANDBY}'), '[]') as "receivers",
    ${PARAMETERS_SQL} as "parameters",
    ${NOT_REPLICATED_SQL} as "notReplicated"`;

const ROLE = `select pg_is_in_recovery() as "standby", pg_is_in_recovery() and ${CONFLICT_SQL} as "held"`;

/** What the database is, as it was last asked; of a standby, whether a session holds its replay up. */
export type Beat = { role: 'primary'; figures: Figures } | { role: 'standby'; held: boolean };

const HEARTBEAT = `
  insert into lifeboat.heartbeat (id, at) values (1, clock_timestamp())
  on conflict (id) do update set at = excluded.at`;

function figuresOf({ standbyNames, waits, receivers, ...figures }: Row): Figures {
  const required = waits ? requiredNames(standbyNames) : [];
  return { ...figures, synchronousStandbys: provedStandbys(required, receivers) };
}

/**
 * The standbys without which no commit is acknowledged: each is required by name, and one receiver alone has that name.
 * A name that two receivers share proves nothing, since either may answer for it.
 */
export function provedStandbys(required: readonly string[], receivers: Row['receivers']): Term['synchronousStandbys'] {
  return required.flatMap((name) => {
    const [receiver, ...others] = receivers.filter((one) => one.name.toLowerCase() === name.toLowerCase());
    const proved = receiver?.inStep === true && others.length === 0;
    return proved ? [{ name: receiver.name, flushed: receiver.flushed }] : [];
  });
}

/** The guard's session with its database. It is opened when needed and given up at the first error. */
export class Session {
  #config: GuardConfig;
  #client: Client | null = null;

  constructor(config: GuardConfig) {
    this.#config = config;
  }

  /** Of a primary, writes the heartbeat and answers its figures. Throws when it cannot tell. */
  async beat(): Promise<Beat> {
    try {
      this.#client ??= await this.#open();
      const [role] = (await this.#client.query<{ standby: boolean; held: boolean }>(ROLE)).rows;
      if (role?.standby !== false) return { role: 'standby', held: role?.held ?? false };
      await this.#client.query(HEARTBEAT);
      const [row] = (await this.#client.query<Row>(FIGURES)).rows;
      if (row === undefined) throw new Error('the database answers nothing');
      return { role: 'primary', figures: figuresOf(row) };
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
      await client.query('set synchronous_commit = local; set default_transaction_read_only = off');
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return client;
  }
}
