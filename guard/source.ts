import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import type { GuardConfig } from './config.ts';

/** The primary that a region is to follow, as the guard's own configuration knows it. */
export interface Source {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** The slot that it keeps for this region. */
  slot: string;
}

/** @throws when the configuration does not let this region follow `primary` */
export async function sourceOf({ region, replication, connection }: GuardConfig, primary: string): Promise<Source> {
  const location = replication?.primaries[primary];
  if (replication === undefined || location === undefined) {
    throw new Error(`the guard of ${region} is not configured to follow ${primary}`);
  }
  const { user, slot, passwordFile } = replication;
  const password = (await readFile(passwordFile, 'utf8')).replace(/\n$/, '');
  return { ...location, user, password, database: connection.database, slot };
}

/** As libpq wants it, for replication and for programs. The password goes by file or environment. */
export function connectionString({ host, port, user }: Source, more: Record<string, string> = {}): string {
  const all = { host, port: `${port}`, user, connect_timeout: '5', ...more };
  return Object.entries(all)
    .map(([key, value]) => `${key}='${value.replace(/([\\'])/g, '\\$1')}'`)
    .join(' ');
}

const TIMEOUT_MS = 60_000;

/**
 * Makes the primary ready to be followed: a fresh slot, so that it keeps its log from now on, and a checkpoint, without
 * which pg_rewind takes a new primary for one still on its old timeline.
 */
export async function prepareSource({ host, port, user, password, database, slot }: Source): Promise<void> {
  const client = new Client({
    ...{ host, port, user, password, database },
    application_name: 'lifeboat guard',
    connectionTimeoutMillis: 5_000,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active',
      [slot],
    );
    await client.query('select pg_create_physical_replication_slot($1, true)', [slot]);
    await client.query('checkpoint');
  } finally {
    client.end().catch(() => {});
  }
}
