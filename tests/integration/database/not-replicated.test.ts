import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { eyes } from '../../../activities/database/postgres-streaming/eyes.ts';
import { eventually } from '../../../lab/eventually.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { twoSites } from '../../../lab/shapes/two-sites.ts';
import { endAll } from '../../../lab/supervisor.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

let regions: TwoRegions;
beforeEach(async () => {
  regions = await TwoRegions.start();
}, 60_000);
afterEach(() => regions?.end());

/** As the role that consumers of changes have. */
async function asReplicator(statement: string): Promise<void> {
  const client = new pg.Client({
    host: regions.hosts[PRIMARY],
    port: regions.ports['postgres'] ?? 0,
    database: twoSites.database.name,
    user: 'replicator',
    password: await readSecret(regions.secrets, 'teei-csr/postgres-replicator'),
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

test('what a dead primary had and its standby has not is known from the lease, and the promotion names it', async () => {
  const settings = 'wal_level = logical\nmax_prepared_transactions = 8\n';
  for (const region of [STANDBY, PRIMARY]) {
    await appendFile(join(regions.data(region), 'lifeboat.conf'), settings);
    await endAll(regions.records(region));
    await regions.startRegion(region);
  }
  await asReplicator(`select pg_create_logical_replication_slot('orders_cdc', 'pgoutput')`);
  const client = await regions.connect(PRIMARY);
  await client.query('create unlogged table carts (id int primary key)');
  await client.query('insert into carts values (1)');
  await client.query('create table orders (id int primary key)');
  await client.query('begin');
  await client.query('insert into orders values (1)');
  await client.query(`prepare transaction 'order-1'`);
  await client.end();

  const known = {
    logicalSlots: [expect.objectContaining({ name: 'orders_cdc', plugin: 'pgoutput' })],
    preparedTransactions: [{ gid: 'order-1', owner: 'application' }],
    unloggedTables: ['carts'],
  };
  await eventually({ what: 'the lease to have it', withinMs: 30_000 }, async () => {
    const { lease } = await eyes.leaseFacts(regions.component(), PRIMARY);
    expect(lease?.notReplicated).toEqual(known);
  });
  await eventually({ what: 'the standby to have the orders', withinMs: 20_000 }, async () => {
    expect(await regions.sql(STANDBY, 'select from orders')).toEqual([]);
  });
  regions.signal(PRIMARY, 'SIGKILL');

  const steps = new Steps(regions);
  const { detail } = await steps.promote(await steps.fence(), new Date().toISOString());
  expect(detail).toMatch(/logical slots of us-east-1 are not in eu-central-1.*orders_cdc \(pgoutput, database teei/);
  expect(detail).toMatch(/transactions prepared in us-east-1 are in doubt.*"order-1" of application/);
  expect(detail).toMatch(/unlogged tables are empty in eu-central-1: carts/);
  const there = `select (select count(*)::int from pg_replication_slots) as slots,
    (select count(*)::int from pg_prepared_xacts) as prepared, (select count(*)::int from carts) as carts`;
  expect(await regions.sql(STANDBY, there)).toEqual([{ slots: 0, prepared: 1, carts: 0 }]);
}, 120_000);

test('sessions that are read-only by default keep neither the heartbeat nor the promotion from being written', async () => {
  const client = await regions.connect(PRIMARY, 'lifeboat');
  await client.query('alter role lifeboat set default_transaction_read_only = on');
  await client.end();
  await endAll(regions.records(PRIMARY));
  await regions.startRegion(PRIMARY);
  const startedAt = new Date();
  await eventually({ what: 'a heartbeat on the standby', withinMs: 30_000 }, async () => {
    const seen = await regions.connect(STANDBY, 'lifeboat');
    const { rows } = await seen.query('select at > $1 as later from lifeboat.heartbeat', [startedAt]);
    await seen.end();
    expect(rows).toEqual([{ later: true }]);
  });
  regions.signal(PRIMARY, 'SIGKILL');
  const steps = new Steps(regions);
  expect(await steps.promote(await steps.fence(), new Date().toISOString(), 30_000)).toMatchObject({
    timelineAfter: 2,
  });
}, 120_000);
