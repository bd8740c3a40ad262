import { Context } from '@temporalio/activity';
import type { StepResult, StepWithDatabase } from '../contract.ts';
import { type Ask, withDatabase } from '../database/postgres-streaming/connection.ts';
import type { Deps } from '../deps.ts';
import { refusal } from '../fault.ts';
import { heartbeat } from '../heartbeat.ts';
import { wiringOf } from '../provider.ts';
import type { CacheVerbs } from './index.ts';
import { openQueries } from './redis/rows.ts';
import { type Entry, type Store, withStore } from './redis/store.ts';

/** A query may sort a large table before its first row. */
const STATEMENT_MS = 30_000;

/**
 * A Redis that is emptied and filled anew from the database of the step's `to`.
 *
 * Its old entries come from the lost region and may be wrong, so they go first; while it is refilled, a key that is not
 * there yet is asked of the database, as with any cache. What the workloads write meanwhile is newer than the rows read
 * here and is kept.
 */
export function redis(deps: Deps): CacheVerbs {
  return { rebuildCache: (step) => withStore(deps, step, (store) => rebuild(deps, store, step)) };
}

function rebuild(deps: Deps, store: Store, step: StepWithDatabase): Promise<StepResult> {
  return withDatabase(step.database, step.to, deps.secrets, (ask) => refill(ask, store, step), STATEMENT_MS);
}

async function refill(ask: Ask, store: Store, step: StepWithDatabase): Promise<StepResult> {
  const { prefix, entries } = wiringOf<'redis'>(step.component, step.to).shared;
  const startedAt = Date.now();
  // Before anything is removed: a cache that cannot be filled is better left alone.
  const opened = await openQueries(
    ask,
    entries.map(({ query }) => query),
  );
  let removed = 0;
  for await (const count of store.empty()) {
    removed += count;
    proceed(`${removed} old keys removed`);
  }
  let written = 0;
  for (const [index, batches] of opened.entries()) {
    for await (const rows of batches) {
      written += await store.add(entriesOf(rows, prefix, step), entries[index]?.ttl);
      proceed(`${written} keys written`);
    }
  }
  return { changed: true, detail: `${keys(written)} in ${since(startedAt)}; ${keys(removed)} removed first` };
}

/** Between batches: says that it lives, and stops when it is told to. */
function proceed(progress: string): void {
  heartbeat(progress);
  Context.current().cancellationSignal.throwIfAborted();
}

/** @throws WiringInvalid for a key that the next rebuild would not find */
function entriesOf(rows: readonly Entry[], prefix: string, { component }: StepWithDatabase): readonly Entry[] {
  const stray = rows.find(({ key, value }) => typeof value !== 'string' || !key?.startsWith(prefix));
  if (stray === undefined) return rows;
  throw refusal(
    'WiringInvalid',
    `${component.name}: a query must answer text in "key", beginning with "${prefix}", and text in "value"`,
  );
}

const keys = (number: number) => `${new Intl.NumberFormat('en-US').format(number)} ${number === 1 ? 'key' : 'keys'}`;

const since = (startedAt: number) => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
