import { Redis } from 'ioredis';
import type { Logger } from 'pino';

const TIMEOUT_MS = 500;
/** Seconds. Entries are copies: they may always be thrown away. */
const TTL_SECONDS = 3600;

/** Orders as JSON text by id. Nothing here is the only copy. */
export interface Cache {
  put(id: number, entry: string): Promise<void>;
  get(id: number): Promise<string | null>;
  ping(): Promise<void>;
  stop(): void;
}

export function cache({ prefix, ...location }: { host: string; port: number; prefix: string }, log: Logger): Cache {
  const redis = new Redis({
    ...location,
    commandTimeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: () => TIMEOUT_MS,
  });
  redis.on('error', (cause: Error) => log.debug({ reason: cause.message }, 'the cache does not answer'));
  const key = (id: number) => `${prefix}order:${id}`;
  return {
    put: async (id, entry) => {
      await redis.set(key(id), entry, 'EX', TTL_SECONDS);
    },
    get: (id) => redis.get(key(id)),
    ping: async () => {
      await redis.ping();
    },
    stop: () => redis.disconnect(),
  };
}
