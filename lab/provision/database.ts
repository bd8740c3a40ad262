import pg from 'pg';
import { eventually } from '../eventually.ts';
import { PRIMARY } from '../places.ts';
import { readSecret } from '../secrets.ts';
import { regional, type Wiring, wired } from './wiring.ts';

const WITHIN_MS = 60_000;

const ORDERS = `
  CREATE TABLE IF NOT EXISTS orders (
    id bigint PRIMARY KEY,
    client text NOT NULL,
    region text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL
  )`;

/**
 * The application's table, made by the application itself, which owns its database. On the server that is primary at
 * first; replication takes it further.
 */
export async function provisionDatabase(wiring: Wiring): Promise<void> {
  // On a busy machine the guard may lose its lease for a moment, and takes PostgreSQL down with it.
  await eventually({ what: 'the table of orders', withinMs: WITHIN_MS }, () => createOrders(wiring));
}

async function createOrders(wiring: Wiring): Promise<void> {
  const client = new pg.Client({
    ...regional(wiring, PRIMARY, 'POSTGRES'),
    database: 'teei',
    user: 'application',
    password: await readSecret(wired(wiring, 'LIFEBOAT_SECRETS_DIR'), 'teei-csr/postgres-application'),
    connectionTimeoutMillis: 5000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(ORDERS);
  } finally {
    await client.end();
  }
}
