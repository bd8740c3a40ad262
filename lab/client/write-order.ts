import pg from 'pg';
import { STORE, type StoredOrder } from '../application/database.ts';
import type { Answer } from './lanes.ts';
import { CLIENT } from './send-order.ts';

const TIMEOUT_MS = 1_000;

/** Where orders are written when no application stands before the database. */
export interface DatabaseTarget {
  /** Address by the instance's name. */
  instances: Record<string, string>;
  port: number;
  database: string;
  user: string;
  password: string;
}

/** Writes each order to the instance that took the last one, and tries another when that one does not. Never throws. */
export function orderWriter({ instances, ...common }: DatabaseTarget) {
  const pools = Object.entries(instances).map(([name, host]) => ({ name, pool: open({ host, ...common }) }));
  let current = 0;
  return {
    async write(id: number): Promise<Answer> {
      const at = current;
      const instance = pools[at];
      if (instance === undefined) return { outcome: 'refused', detail: 'no instance is known' };
      try {
        const { rows } = await instance.pool.query<StoredOrder>(STORE, [id, CLIENT, instance.name, `order ${id}`]);
        if (rows[0] === undefined) return { outcome: 'refused', detail: `order ${id} belongs to another client` };
        return { outcome: 'acknowledged', region: instance.name, timeline: rows[0].timeline };
      } catch (cause) {
        // Lanes fail together: only the first turns to the next instance.
        if (current === at) current = (at + 1) % pools.length;
        return { outcome: 'failed', detail: `${instance.name}: ${cause instanceof Error ? cause.message : cause}` };
      }
    },
    stop: async () => void (await Promise.all(pools.map(({ pool }) => pool.end()))),
  };
}

function open(location: pg.PoolConfig): pg.Pool {
  const timeouts = { connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS };
  const pool = new pg.Pool({ ...location, ...timeouts, max: 4 });
  pool.on('error', () => {});
  return pool;
}
