import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import { componentsOf } from '../../plan/recovery-plan.ts';
import type { LedgerResult, VerifyRequest } from '../contract.ts';
import { type Ask, withDatabase } from '../database/postgres-streaming/connection.ts';
import type { Deps } from '../deps.ts';
import { rethrow } from '../rethrow.ts';
import { callSignal } from '../step-time.ts';

const TIMEOUT_MS = 5_000;

const Id = z.int().positive();

/** What a load generator tells of the writes that were acknowledged to it. */
const Ledger = z.object({
  /** Table whose `id` column holds them. */
  table: z.string().min(1),
  /** Every acknowledged id, as inclusive ranges that are apart from each other. */
  ranges: z.array(z.tuple([Id, Id])),
});

interface Counts {
  acknowledged: number;
  kept: number;
}

/** Rows are counted range by range, along the primary key. */
const COUNTS = (table: string) => `
  WITH acknowledged AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS range (low, high))
  SELECT (SELECT coalesce(sum(high - low + 1), 0) FROM acknowledged)::float8 AS acknowledged,
    (SELECT count(*) FROM acknowledged JOIN ${escapeIdentifier(table)} ON id BETWEEN low AND high)::float8 AS kept`;

/**
 * Acknowledged writes that the database of `to` does not hold. The ledger is read first: what is acknowledged later
 * cannot be missed.
 */
export async function compare(deps: Deps, { plan, to }: VerifyRequest): Promise<LedgerResult> {
  const { ledger } = plan.service;
  const [database] = componentsOf(plan, 'database');
  if (ledger === undefined || database === undefined) return { lostAcknowledgedWrites: null };
  try {
    const { table, ranges } = await read(ledger.url);
    const bounds = [ranges.map(([low]) => low), ranges.map(([, high]) => high)];
    const count = (ask: Ask) => ask<Counts>(COUNTS(table), bounds);
    const [counts] = await withDatabase(database, to, deps.secrets, count, TIMEOUT_MS);
    return { lostAcknowledgedWrites: counts === undefined ? null : counts.acknowledged - counts.kept };
  } catch (cause) {
    return rethrow(`the ledger and ${database.name} in ${to}`, cause, false);
  }
}

async function read(url: string): Promise<z.infer<typeof Ledger>> {
  const answer = await fetch(url, { signal: callSignal(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return Ledger.parse(await answer.json());
}
