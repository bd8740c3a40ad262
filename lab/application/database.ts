import pg from 'pg';
import type { Logger } from 'pino';
import type { DatabaseLocation } from './workloads.ts';

/** Longest wait for a connection and for an answer: a dead server costs a request one second and no more. */
const TIMEOUT_MS = 1000;

/** An order as clients send it. */
export interface Order {
  id: number;
  client: string;
  body: string;
}

/** What the database has taken. */
export interface StoredOrder {
  /** False when the same client had sent the same id before. */
  created: boolean;
  /** Timeline of the server written to. */
  timeline: number;
  /** The row as JSON text, as the cache and the events carry it. */
  entry: string;
}

export interface Database {
  /** Moves to another server, for all orders from now on. */
  pointTo(location: DatabaseLocation): void;
  target(): DatabaseLocation | null;
  /** Stores an order and answers after COMMIT; null when the id belongs to another client. */
  store(order: Order): Promise<StoredOrder | null>;
  /** The order's row as JSON text. */
  find(id: number): Promise<string | null>;
  /** Does the server take writes? Throws when it does not answer. */
  writable(): Promise<boolean>;
  /** How many pages of the server's databases were read with a checksum that did not fit. */
  checksumFailures(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * A repeat updates its own row to itself instead of being found: its answer then waits for a COMMIT of its own, so that
 * under synchronous replication no row is acknowledged that only the primary has. The timeline comes from the server's
 * insert position, since the control file lags behind a promotion.
 */
export const STORE = `
  INSERT INTO orders (id, client, region, body) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET client = excluded.client WHERE orders.client = excluded.client
  RETURNING xmax = 0 AS created, row_to_json(orders)::text AS entry,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline`;

const CHECKSUM_FAILURES = 'SELECT coalesce(sum(checksum_failures), 0) AS failures FROM pg_stat_database';

export class NoDatabase extends Error {
  constructor() {
    super('the pods have not been told where the database is');
  }
}

/** As whom the application uses which database. */
export interface Credentials {
  database: string;
  user: string;
  password: string;
}

/** The region's way to the database, wherever that is now. */
export function database(region: string, credentials: Credentials, log: Logger): Database {
  let current: { location: DatabaseLocation; pool: pg.Pool } | null = null;

  async function query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    if (current === null) throw new NoDatabase();
    return (await current.pool.query<R>(text, values)).rows;
  }
  return {
    pointTo(location) {
      const old = current;
      if (old?.location.host === location.host && old.location.port === location.port) return;
      current = { location, pool: open(location, credentials, log) };
      log.info(location, 'the database is at');
      old?.pool.end().catch((cause) => log.warn({ err: cause }, 'the old connections did not close'));
    },
    target: () => current?.location ?? null,
    store: async ({ id, client, body }) => (await query<StoredOrder>(STORE, [id, client, region, body]))[0] ?? null,
    find: async (id) => {
      const rows = await query<{ entry: string }>(
        'SELECT row_to_json(orders)::text AS entry FROM orders WHERE id = $1',
        [id],
      );
      return rows[0]?.entry ?? null;
    },
    writable: async () =>
      (await query<{ writable: boolean }>('SELECT NOT pg_is_in_recovery() AS writable'))[0]?.writable === true,
    checksumFailures: async () => Number((await query<{ failures: string }>(CHECKSUM_FAILURES))[0]?.failures),
    stop: async () => current?.pool.end(),
  };
}

function open(location: DatabaseLocation, credentials: Credentials, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...location,
    ...credentials,
    application_name: 'application',
    max: 10,
    connectionTimeoutMillis: TIMEOUT_MS,
    // The server's limit ends the work; the client's, a little later, gives up a server that hangs.
    statement_timeout: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS + 200,
  });
  pool.on('error', (cause) => log.warn({ reason: cause.message }, 'a database connection broke'));
  return pool;
}
