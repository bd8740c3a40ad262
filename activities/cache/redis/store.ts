import { Redis } from 'ioredis';
import type { Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { wiringOf } from '../../provider.ts';
import { rethrow } from '../../rethrow.ts';
import { add, remove, type Turn, takeTurn } from './turn.ts';

const TIMEOUT_MS = 5_000;
/** Keys that Redis looks at in one SCAN, and that are removed at once: it serves others in between. */
const SCAN_COUNT = 1_000;

export interface Entry {
  key: string;
  value: string;
}

export interface Store {
  /** Removes the cache's keys, and tells after each batch how many there were in it. */
  empty(): AsyncGenerator<number>;
  /** Writes entries whose key is not there; answers how many it wrote. */
  add(entries: readonly Entry[], ttlSeconds: number | undefined): Promise<number>;
}

/**
 * Lets `act` use the Redis of the step's `to`, over a connection of its own, while it is this attempt's turn.
 *
 * @throws LeaseLost when a later recovery has had its turn; NotReached for all else
 */
export async function withStore<T>(
  { secrets }: Deps,
  { component, recovery, to }: Step,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  const { shared, region } = wiringOf<'redis'>(component, to);
  const password = shared.passwordSecret === undefined ? undefined : await secrets.get(shared.passwordSecret);
  const redis = new Redis({
    host: region.host,
    port: region.port,
    ...(password === undefined ? {} : { password }),
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    // Temporal retries, and shows it.
    retryStrategy: () => null,
  });
  // ioredis tells why it cannot connect here; what is thrown then says only that the connection is closed.
  let unreachable: Error | null = null;
  redis.on('error', (cause: Error) => {
    unreachable = cause;
  });
  try {
    await redis.connect();
    const turn = await takeTurn(redis, shared.prefix, recovery);
    return await act({
      empty: () => empty(redis, turn, shared.prefix),
      add: (entries, ttlSeconds) => add(redis, turn, entries, ttlSeconds),
    });
  } catch (cause) {
    return rethrow(`${component.name} in ${to}`, unreachable ?? cause, false);
  } finally {
    redis.disconnect();
  }
}

/** A prefix is text, and MATCH takes a pattern. */
export const pattern = (prefix: string) => `${prefix.replace(/[*?[\]\\^-]/g, '\\$&')}*`;

async function* empty(redis: Redis, turn: Turn, prefix: string): AsyncGenerator<number> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern(prefix), 'COUNT', SCAN_COUNT);
    // SCAN may answer a key twice; removed is counted by Redis.
    yield keys.length === 0 ? 0 : await remove(redis, turn, keys);
    cursor = next;
  } while (cursor !== '0');
}
