import { join } from 'node:path';
import pg from 'pg';
import type { Lab } from './lab.ts';
import { readSecret } from './secrets.ts';
import { type DatabaseUser, instanceService } from './shapes/shape.ts';

/** Runs statements on an instance of PostgreSQL as the application does, or as Lifeboat, which may look at statistics. */
export async function withDatabase<T>(
  lab: Lab,
  instance: string,
  work: (client: pg.Client) => Promise<T>,
  user: DatabaseUser = 'application',
): Promise<T> {
  const { name, users, instances } = lab.shape.database;
  const found = instances.find((each) => each.name === instance);
  if (found === undefined) throw new Error(`there is no instance "${instance}" of the database`);
  const client = new pg.Client({
    ...lab.endpoint(instanceService(found)),
    database: name,
    user: users[user].name,
    password: await readSecret(join(lab.folder, 'secrets'), users[user].secret),
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
