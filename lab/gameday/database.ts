import { join } from 'node:path';
import pg from 'pg';
import type { Lab } from '../lab.ts';
import { readSecret } from '../secrets.ts';

const SECRETS = { application: 'teei-csr/postgres-application', lifeboat: 'teei-csr/postgres' };

/** Runs statements on a region's PostgreSQL as the application does, or as Lifeboat, which may look at statistics. */
export async function withDatabase<T>(
  lab: Lab,
  region: string,
  work: (client: pg.Client) => Promise<T>,
  user: keyof typeof SECRETS = 'application',
): Promise<T> {
  const client = new pg.Client({
    ...lab.endpoint(`${region}/postgres`),
    database: 'teei',
    user,
    password: await readSecret(join(lab.folder, 'secrets'), SECRETS[user]),
    connectionTimeoutMillis: 2_000,
    query_timeout: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every order that a region's database has. */
export async function orderIds(lab: Lab, region: string): Promise<number[]> {
  const { rows } = await withDatabase(lab, region, (client) => client.query<{ id: string }>('SELECT id FROM orders'));
  return rows.map(({ id }) => Number(id));
}
