import { createClient } from '@clickhouse/client';
import { REGIONS, type Region } from '../places.ts';
import { regional, type Wiring } from './wiring.ts';

/** The replicated table of orders, a replica in each region. Its path in ZooKeeper is what makes them one table. */
export async function provisionAnalytics(wiring: Wiring): Promise<void> {
  await Promise.all(REGIONS.map((region) => provisionReplica(wiring, region)));
}

async function provisionReplica(wiring: Wiring, region: Region): Promise<void> {
  const { host, port } = regional(wiring, region, 'CLICKHOUSE');
  const clickhouse = createClient({ url: `http://${host}:${port}`, request_timeout: 10_000 });
  try {
    await clickhouse.command({ query: 'CREATE DATABASE IF NOT EXISTS teei' });
    await clickhouse.command({
      query: `
        CREATE TABLE IF NOT EXISTS teei.orders (id UInt64, client String, region String, created_at DateTime)
        ENGINE = ReplicatedMergeTree('/clickhouse/tables/teei/orders', '${region}')
        PARTITION BY toYYYYMM(created_at) ORDER BY id`,
    });
  } finally {
    await clickhouse.close();
  }
}
