import pg from 'pg';
import { eventually } from '../eventually.ts';
import { readSecret } from '../secrets.ts';
import { addressName, firstInstance } from '../shapes/shape.ts';
import { located, type Provisioned, wired } from './wiring.ts';

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
export async function provisionDatabase(lab: Provisioned): Promise<void> {
  // On a busy machine the guard may lose its lease for a moment, and takes PostgreSQL down with it.
  await eventually({ what: 'the table of orders', withinMs: WITHIN_MS }, () => createOrders(lab));
}

async function createOrders(lab: Provisioned): Promise<void> {
  const { name, users } = lab.shape.database;
  const client = new pg.Client({
    ...located(lab, addressName(firstInstance(lab.shape)), 'POSTGRES'),
    database: name,
    user: users.application.name,
    password: await readSecret(wired(lab.wiring, 'LIFEBOAT_SECRETS_DIR'), users.application.secret),
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
