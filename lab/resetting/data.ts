import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { startDead } from '../breaking/processes.ts';
import type { Lab } from '../lab.ts';
import { THIRD_PLACE } from '../places.ts';
import { provisionAnalytics } from '../provision/analytics.ts';
import { provisionDatabase } from '../provision/database.ts';
import { provisionStream } from '../provision/stream.ts';
import { servicesOf } from '../registry.ts';
import { releasePostgres } from '../services/postgres-release.ts';

/** Endpoints of the lab's services of a kind. */
function endpoints(lab: Lab, kind: string): { host: string; port: number }[] {
  const named = servicesOf(lab.shape).filter(({ name }) => name.endsWith(`/${kind}`) && lab.services.includes(name));
  return named.map(({ name }) => lab.endpoint(name));
}

const each = async <T>(things: readonly T[], act: (thing: T) => Promise<void>) =>
  void (await Promise.all(things.map(act)));

/** New clusters in place of those that are dead; the first is primary on timeline 1, the others follow it. */
export async function resetDatabase(lab: Lab, services: readonly string[]): Promise<void> {
  const [first, ...others] = services;
  if (first === undefined) return;
  await each(services, (service) => releasePostgres(join(lab.folder, service)));
  await lab.startService(first);
  await Promise.all([
    each(others, (service) => lab.startService(service)),
    provisionDatabase(lab).then(() => startDead(lab, [`${THIRD_PLACE}/backups`])),
  ]);
}

export async function resetStreams(lab: Lab): Promise<void> {
  const found = endpoints(lab, 'nats');
  if (found.length === 0) return;
  await each(found, async ({ host, port }) => {
    const connection = await connect({ servers: `${host}:${port}`, ignoreClusterUpdates: true });
    try {
      const manager = await jetstreamManager(connection);
      const streams = await manager.streams.list().next();
      for (const { config } of streams) await manager.streams.delete(config.name);
    } finally {
      await connection.close();
    }
  });
  await provisionStream(lab);
}

/** Each replica fetches again, from tables that are empty. */
export async function resetAnalytics(lab: Lab): Promise<void> {
  const found = endpoints(lab, 'clickhouse');
  if (found.length === 0) return;
  const table = `${lab.shape.analytics}.orders`;
  await each(found, async ({ host, port }) => {
    const client = createClient({ url: `http://${host}:${port}`, request_timeout: 20_000 });
    try {
      await client.command({ query: `SYSTEM START FETCHES ${table}` });
      await client.command({ query: `DROP TABLE IF EXISTS ${table}` });
    } finally {
      await client.close();
    }
  });
  await provisionAnalytics(lab);
}

export async function resetCaches(lab: Lab): Promise<void> {
  await each(endpoints(lab, 'redis'), async (endpoint) => {
    const redis = new Redis({ ...endpoint, maxRetriesPerRequest: 3 });
    await redis.flushall().finally(() => redis.disconnect());
  });
}
