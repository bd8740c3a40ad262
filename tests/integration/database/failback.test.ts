import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eventually } from '../../../lab/eventually.ts';
import { Orders } from '../../support/database/orders.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

/** Rows that only the old primary ever had. */
const LOST = [-1, -2, -3];

/** Commits that the standby does not get, as when the line between the regions breaks before the region does. */
async function diverge(regions: TwoRegions): Promise<void> {
  const patience = { what: 'the table in the standby', withinMs: 10_000, everyMs: 20 };
  await eventually(patience, () => regions.sql(STANDBY, 'select id from orders'));
  const client = await regions.connect(PRIMARY, 'lifeboat');
  const senders = 'select pid from pg_stat_replication where application_name = $1';
  const { rows } = await client.query<{ pid: number }>(senders, [STANDBY]);
  client.end().catch(() => {});
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  for (const id of LOST) await regions.sql(PRIMARY, 'insert into orders (id) values ($1)', [id]);
}

async function failOver(regions: TwoRegions): Promise<void> {
  regions.signal(PRIMARY, 'SIGKILL');
  const steps = new Steps(regions);
  await steps.promote(await steps.fence(), new Date().toISOString());
}

/** The old region comes back: its guard runs, and its data is as it was. */
async function comesBack(regions: TwoRegions): Promise<void> {
  await regions.startRegion(PRIMARY);
  expect(JSON.parse(await readFile(regions.guardState(PRIMARY), 'utf8')).state).toBe('fenced');
}

const kept = async (regions: TwoRegions) =>
  (await readdir(dirname(regions.data(PRIMARY)))).filter((name) => name.startsWith('data.before-'));

describe.each([
  [
    'rewound',
    async () => {},
    /pg_rewind to the divergence point with eu-central-1 succeeded; the previous data directory is kept in/,
  ],
  [
    'copied, when it cannot be rewound',
    async (regions: TwoRegions) => rm(join(regions.data(PRIMARY), 'pg_wal'), { recursive: true }),
    /pg_rewind: .*pg_basebackup from eu-central-1 succeeded/s,
  ],
])('failback after a failover, the old primary %s', (_, damage, expected) => {
  let regions: TwoRegions;
  let orders: Orders;
  let back: Steps;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    await diverge(regions);
    await failOver(regions);
    orders = new Orders(regions);
    orders.start();
    await orders.written(STANDBY);
    await comesBack(regions);
    await damage(regions);
    back = new Steps(regions, Date.now(), { from: STANDBY, to: PRIMARY });
  }, 90_000);

  afterAll(async () => {
    await orders?.stop();
    await regions?.end();
  });

  test('it becomes a standby, and what it was is kept', async () => {
    const rebuilt = await back.rebuildNew();
    expect(rebuilt).toMatchObject({ changed: true, detail: expect.stringMatching(expected) });
    expect(await back.rebuildNew()).toMatchObject({ changed: false });
    expect(await kept(regions)).toHaveLength(1);
    expect(existsSync(`${regions.data(PRIMARY)}.rebuilding`)).toBe(false);
    const rows = await regions.sql(PRIMARY, 'select id from orders where id = any($1)', [LOST]);
    expect(rows).toEqual([]);
  }, 90_000);

  test('and the primary again, without a loss under load; the region that was left becomes its standby', async () => {
    const promoted = await back.switchOver();
    expect(promoted).toMatchObject({ timelineBefore: 2, timelineAfter: 3, dataLoss: { seconds: 0, bytes: 0 } });
    await orders.written(PRIMARY);
    await back.rebuildOld();
    await orders.stop();
    expect(await orders.missingIn(PRIMARY)).toEqual([]);
    await eventually({ what: 'the last orders in the standby', withinMs: 10_000 }, async () => {
      expect(await orders.missingIn(STANDBY)).toEqual([]);
    });
  }, 90_000);
});

describe('a guard is asked to rebuild what must not be touched', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
  }, 60_000);

  afterAll(() => regions?.end());

  test('the holder of the lease is refused by the verb, and its guard ignores a request that is there', async () => {
    const steps = new Steps(regions, Date.now(), { from: STANDBY, to: PRIMARY });
    await expect(steps.rebuildNew()).rejects.toMatchObject({ type: 'LeaseLost' });
    const store = regions.store();
    const at = new Date().toISOString();
    const asked = { primary: STANDBY, recovery: 'recovery/x/y', epoch: Date.now(), way: 'copy' as const, at };
    await store.writeRebuild(PRIMARY, { ...asked, state: 'asked', detail: '' }, null);
    const options = '-c idle_session_timeout=0 -c statement_timeout=0';
    const client = await regions.connect(PRIMARY, 'application', { options });
    const since = Date.now();
    // Twice the time in which a guard looks.
    await eventually({ what: 'writes to go on', withinMs: 10_000, everyMs: 100 }, async () => {
      await client.query('insert into orders (id) values ($1)', [Date.now()]);
      if (Date.now() - since < regions.ttlMs) throw new Error('not long enough yet');
    });
    client.end().catch(() => {});
    expect((await store.readRebuild(PRIMARY))?.rebuild.state).toBe('asked');
    store.close();
  }, 30_000);

  test('a guard that is away is said to be', async () => {
    regions.signal(STANDBY, 'SIGKILL');
    const steps = new Steps(regions, Date.now(), { from: PRIMARY, to: STANDBY });
    await expect(steps.rebuildNew()).rejects.toThrow('does not answer');
  }, 60_000);

  test('and no primary is stopped while no standby receives its log', async () => {
    const steps = new Steps(regions);
    await expect(steps.handOver()).rejects.toMatchObject({ type: 'NotReached' });
    await regions.sql(PRIMARY, 'insert into orders (id) values (-1)');
  });
});
