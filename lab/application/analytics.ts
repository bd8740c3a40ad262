import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import type { Order } from './database.ts';

const TIMEOUT_MS = 1000;
const FLUSH_EVERY_MS = 1000;
/** Rows kept while ClickHouse does not take them; older ones are dropped then. */
const MAX_WAITING = 10_000;

/** Copies orders to ClickHouse, in batches, in the background. */
export interface Analytics {
  add(order: Order): void;
  ping(): Promise<void>;
  /** Sends what still waits, once. */
  stop(): Promise<void>;
}

interface Options {
  url: string;
  database: string;
  region: string;
  /** Told how each batch went. */
  onBatch: (outcome: 'delivered' | 'failed', rows: number) => void;
}

export function analytics({ url, database, region, onBatch }: Options): Analytics {
  const clickhouse = createClient({ url, database, request_timeout: TIMEOUT_MS });
  const stopped = new AbortController();
  let waiting: object[] = [];

  const flush = async () => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    try {
      await clickhouse.insert({ table: 'orders', values: batch, format: 'JSONEachRow' });
      onBatch('delivered', batch.length);
    } catch {
      onBatch('failed', batch.length);
      waiting = [...batch, ...waiting].slice(-MAX_WAITING);
    }
  };
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await sleep(FLUSH_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      await flush();
    }
  })();
  return {
    add: ({ id, client }) => {
      waiting.push({ id, client, region, created_at: Math.floor(Date.now() / 1000) });
    },
    ping: async () => {
      const answer = await clickhouse.query({ query: 'SELECT count() FROM orders', format: 'TabSeparated' });
      await answer.text();
    },
    stop: async () => {
      stopped.abort();
      await loop;
      await clickhouse.close();
    },
  };
}
