import { Client, type QueryResultRow } from 'pg';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import { wiringOf } from '../../provider.ts';
import type { Secrets } from '../../secrets.ts';
import { refusePooler } from './pooler.ts';

/** Connecting, and each statement unless told otherwise, may take this long. */
const TIMEOUT_MS = 2_000;

/** Asks a database; the rows in its answer. */
export type Ask = <T extends QueryResultRow>(sql: string, values?: unknown[]) => Promise<T[]>;

/**
 * Opens a session with a region's database for as long as `use` takes.
 *
 * @param statementMs the longest that one statement may take; connecting takes no longer either
 * @throws SecretMissing, WiringInvalid, and whatever `pg` throws when the database does not answer in time
 */
export async function withDatabase<T>(
  component: WiredComponent,
  region: string,
  secrets: Secrets,
  use: (ask: Ask) => Promise<T>,
  statementMs = TIMEOUT_MS,
): Promise<T> {
  const { shared, region: server } = wiringOf<'postgres-streaming'>(component, region);
  const client = new Client({
    host: server.host,
    port: server.port,
    database: shared.database,
    user: shared.user,
    password: await secrets.get(shared.passwordSecret),
    ssl: shared.tls === 'verify-full',
    application_name: 'lifeboat',
    connectionTimeoutMillis: Math.min(TIMEOUT_MS, statementMs),
    query_timeout: statementMs,
    options: `-c statement_timeout=${statementMs} -c lock_timeout=${TIMEOUT_MS}`,
  });
  // Without a listener a connection that breaks while idle would end the worker.
  client.on('error', () => {});
  try {
    await client.connect().catch(refusePooler);
    return await use(async (sql, values) => (await client.query(sql, values)).rows);
  } finally {
    // Not awaited: a server that hangs does not answer the farewell.
    client.end().catch(() => {});
  }
}
