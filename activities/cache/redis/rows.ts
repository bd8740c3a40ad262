import { DatabaseError } from 'pg';
import type { Ask } from '../../database/postgres-streaming/connection.ts';
import { refusal } from '../../fault.ts';
import type { Entry } from './store.ts';

/** Rows fetched, and keys written, at once. */
const BATCH = 1_000;

/** SQLSTATE classes of queries that are wrong and stay so: syntax or access, not supported, not read-only. */
const WRONG = /^(42|0A|25)/;

/** The rows of one query. */
export type Rows = AsyncGenerator<Entry[]>;

/**
 * Opens a plan's queries in one snapshot of the database; their rows come in batches when asked for. The transaction is
 * read-only: a query that would change something fails. It ends with the session.
 *
 * @throws WiringInvalid for a query that PostgreSQL does not take
 */
export async function openQueries(ask: Ask, queries: readonly string[]): Promise<Rows[]> {
  await ask('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  const opened: Rows[] = [];
  for (const [index, query] of queries.entries()) {
    const cursor = `entries_${index}`;
    await ask(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${query}`).catch((cause) => wrong(query, cause));
    opened.push(batches(ask, cursor));
  }
  return opened;
}

async function* batches(ask: Ask, cursor: string): Rows {
  for (;;) {
    const rows = await ask<Entry>(`FETCH ${BATCH} FROM ${cursor}`);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
  }
}

function wrong(query: string, cause: unknown): never {
  if (!(cause instanceof DatabaseError) || !WRONG.test(cause.code ?? '')) throw cause;
  throw refusal('WiringInvalid', `the query "${query}" cannot be run: ${cause.message}`);
}
