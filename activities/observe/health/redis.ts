import { Redis } from 'ioredis';
import { wiringOf } from '../../provider.ts';
import { type HealthLook, healthy, LOOK_MS } from './health.ts';

/** Does it answer PING? */
export const redis: HealthLook = async (component, region, { secrets }) => {
  const { shared, region: own } = wiringOf<'redis'>(component, region);
  const password = shared.passwordSecret === undefined ? undefined : await secrets.get(shared.passwordSecret);
  const client = new Redis({
    ...own,
    ...(password === undefined ? {} : { password }),
    connectTimeout: LOOK_MS,
    commandTimeout: LOOK_MS,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  // ioredis tells why it cannot connect here; what is thrown then says only that the connection is closed.
  let unreachable: Error | null = null;
  client.on('error', (cause: Error) => {
    unreachable = cause;
  });
  try {
    await client.connect();
    await client.ping();
    return healthy;
  } catch (cause) {
    throw unreachable ?? cause;
  } finally {
    client.disconnect();
  }
};
