import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { withDatabase } from '../../database.ts';
import { eventually } from '../../eventually.ts';
import type { Lab } from '../../lab.ts';
import { otherSite, servingSites } from '../../shapes/shape.ts';
import type { Parts } from '../picture.ts';

/** How long rows may take from one ClickHouse to the other: the application inserts once a second. */
const FETCHED_WITHIN_MS = 6_000;

/** What holds data: who takes writes, who follows whom, and what is filled. */
export function dataParts(lab: Lab): Parts {
  const ofRegion = (region: string) => [
    [`PostgreSQL in ${region}`, () => database(lab, region)] as const,
    [`streams in ${region}`, () => streams(lab, region)] as const,
    [analyticsIn(region), () => analytics(lab, region)] as const,
    [cacheIn(region), () => cache(lab, region)] as const,
  ];
  return Object.fromEntries(servingSites(lab.shape).flatMap(ofRegion));
}

export const cacheIn = (region: string) => `cache in ${region}`;
export const streamsIn = (region: string) => `streams in ${region}`;
const analyticsIn = (region: string) => `ClickHouse in ${region}`;

const ROLE = `
  SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS own,
    (SELECT received_tli FROM pg_stat_wal_receiver WHERE status = 'streaming') AS received`;

/** Its timeline tells a promotion. A standby counts as one only while it receives. */
async function database(lab: Lab, region: string): Promise<string> {
  const ask = (client: pg.Client) => client.query<{ own: string | null; received: number | null }>(ROLE);
  const { rows } = await withDatabase(lab, region, ask, 'lifeboat');
  const { own = null, received = null } = rows[0] ?? {};
  if (own !== null) return `takes writes on timeline ${Number.parseInt(own, 16)}`;
  return received === null ? 'is a standby that receives nothing' : `follows timeline ${received}`;
}

async function streams(lab: Lab, region: string): Promise<string> {
  const { host, port } = lab.endpoint(`${region}/nats`);
  const connection = await connect({ servers: `${host}:${port}`, timeout: 2_000, reconnect: false });
  try {
    const manager = await jetstreamManager(connection);
    const found = await manager.streams.list().next();
    return found.map(streamInWords).sort().join('; ');
  } finally {
    await connection.close();
  }
}

function streamInWords({ config }: StreamInfo): string {
  const { name, mirror, subjects = [] } = config;
  return mirror === undefined ? `${name} takes ${subjects.join(' ')}` : `${name} mirrors ${mirror.name}`;
}

/** Whether rows that the other region's replica has come here. */
async function analytics(lab: Lab, region: string): Promise<string> {
  const goal = await newestRow(lab, otherSite(lab.shape, region));
  const wait = { what: 'the newest row', withinMs: FETCHED_WITHIN_MS, everyMs: 250 };
  return await eventually(wait, async () => {
    const newest = await newestRow(lab, region);
    if (newest < goal) throw new Error(`it has ${newest} of ${goal}`);
    return `has what ${otherSite(lab.shape, region)} has`;
  });
}

async function newestRow(lab: Lab, region: string): Promise<number> {
  const { host, port } = lab.endpoint(`${region}/clickhouse`);
  const log = { level: ClickHouseLogLevel.OFF };
  const client = createClient({
    url: `http://${host}:${port}`,
    database: lab.shape.analytics ?? '',
    request_timeout: 3_000,
    log,
  });
  try {
    const answer = await client.query({ query: 'SELECT max(id) AS newest FROM orders', format: 'JSONEachRow' });
    return Number((await answer.json<{ newest: string }>())[0]?.newest);
  } finally {
    await client.close();
  }
}

async function cache(lab: Lab, region: string): Promise<string> {
  const redis = new Redis({ ...lab.endpoint(`${region}/redis`), maxRetriesPerRequest: 1, lazyConnect: true });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.dbsize()) > 0 ? 'is filled' : 'is empty';
  } finally {
    redis.disconnect();
  }
}
