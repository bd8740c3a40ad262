import { createClient } from '@clickhouse/client';
import { servingSites } from '../shapes/shape.ts';
import { located, type Provisioned } from './wiring.ts';

/** The replicated table of orders, a replica in each site. Its path in ZooKeeper is what makes them one table. */
export async function provisionAnalytics(lab: Provisioned): Promise<void> {
  await Promise.all(servingSites(lab.shape).map((site) => provisionReplica(lab, site)));
}

async function provisionReplica(lab: Provisioned, site: string): Promise<void> {
  const { host, port } = located(lab, site, 'CLICKHOUSE');
  const clickhouse = createClient({ url: `http://${host}:${port}`, request_timeout: 10_000 });
  const database = lab.shape.analytics;
  try {
    await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
    await clickhouse.command({
      query: `
        CREATE TABLE IF NOT EXISTS ${database}.orders (id UInt64, client String, region String, created_at DateTime)
        ENGINE = ReplicatedMergeTree('/clickhouse/tables/${database}/orders', '${site}')
        PARTITION BY toYYYYMM(created_at) ORDER BY id`,
    });
  } finally {
    await clickhouse.close();
  }
}
