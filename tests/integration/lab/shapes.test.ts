import { join } from 'node:path';
import { execa } from 'execa';
import type pg from 'pg';
import { lostWrites } from '../../../lab/client/ledger.ts';
import { orderIds, withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import { ledgerOf } from '../../../lab/gameday/measure.ts';
import { attach, type Lab, up } from '../../../lab/lab.ts';
import { reset } from '../../../lab/reset.ts';
import { statusOf } from '../../../lab/status.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'lab', 'main.ts');
const WITHIN_MS = 60_000;

const writes = (lab: Lab, count: number) =>
  eventually({ what: 'the client to write', withinMs: WITHIN_MS }, async () => {
    const entries = await ledgerOf(lab);
    if (entries.length < count) throw new Error(`${entries.length} so far`);
    return entries;
  });

const ready = async (lab: Lab) => (await statusOf(lab)).filter(({ state }) => state !== 'ready');

describe('ha-pair', () => {
  const name = `ha-pair-${process.pid}`;
  let lab: Lab;
  beforeAll(async () => {
    await execa(process.execPath, [MAIN, 'up', '--shape', 'ha-pair', '--name', name]);
    lab = await attach(name);
  }, 120_000);
  afterAll(() => lab?.down(), 30_000);

  test('whoever attaches finds the shape, and every service of it answers', async () => {
    expect(lab.shape.name).toBe('ha-pair');
    expect(lab.services.filter((service) => service.startsWith('hq/'))).toEqual(['hq/db-1', 'hq/db-2']);
    expect(await ready(lab)).toEqual([]);
    expect(lab.endpoint('hq/db-1').host).not.toBe(lab.endpoint('hq/db-2').host);
  });

  test('the first instance takes the orders of the client, and the second has them a moment later', async () => {
    const [first] = await writes(lab, 20);
    expect(first).toMatchObject({ region: 'db-1', timeline: 1 });
    await eventually({ what: 'the orders on db-2', withinMs: WITHIN_MS }, async () => {
      const there = await orderIds(lab, 'db-2');
      if (!there.includes(first?.id ?? 0)) throw new Error(`it has ${there.length}`);
    });
    const ask = (client: pg.Client) => client.query('SELECT pg_is_in_recovery() AS standby');
    expect((await withDatabase(lab, 'db-2', ask)).rows).toEqual([{ standby: true }]);
  });

  test('a site is killed whole, and its instances come back on their data', async () => {
    await breakLab(lab, ['hq']);
    expect((await ready(lab)).map(({ service }) => service)).toEqual(['hq/db-1', 'hq/db-2']);
    await breakLab(lab, ['restore', 'hq']);
    const before = (await ledgerOf(lab)).length;
    const entries = await writes(lab, before + 20);
    expect(lostWrites(entries, await orderIds(lab, 'db-1'))).toEqual([]);
  }, 120_000);

  test('a reset leaves new instances with an empty table, and the client begins again', async () => {
    await reset(lab);
    expect(await ready(lab)).toEqual([]);
    const entries = await writes(lab, 5);
    expect(entries.filter(({ region, timeline }) => region !== 'db-1' || timeline !== 1)).toEqual([]);
    // Its lanes write beside each other: which of the first is acknowledged first is theirs.
    expect(Math.min(...entries.map(({ id }) => id))).toBeLessThanOrEqual(10);
  }, 120_000);
});

describe('single', () => {
  const name = `single-${process.pid}`;
  let lab: Lab;
  beforeAll(async () => {
    lab = await up({ name, shape: 'single' });
  }, 120_000);
  afterAll(() => lab?.down(), 30_000);

  test('a PostgreSQL without a guard takes the orders, and keeps them when it is killed and started again', async () => {
    expect(lab.services).toEqual(['hq/postgres', 'third-place/aws', 'third-place/backups', 'third-place/client']);
    expect(await ready(lab)).toEqual([]);
    await writes(lab, 20);
    await breakLab(lab, ['kill', 'hq/postgres']);
    await expect(orderIds(lab, 'hq')).rejects.toThrow('ECONNREFUSED');
    await breakLab(lab, ['restore', 'hq']);
    const before = (await ledgerOf(lab)).length;
    const entries = await writes(lab, before + 20);
    expect(lostWrites(entries, await orderIds(lab, 'hq'))).toEqual([]);
  }, 120_000);

  test('a damaged page is found on disk, though nobody fences its server', async () => {
    expect(await breakLab(lab, ['damage-page', 'hq', 'orders_pkey'])).toBe('damaged block 1 of orders_pkey in hq');
    const scan = (client: pg.Client) => client.query('SET enable_seqscan = off; SELECT id FROM orders ORDER BY id');
    await expect(withDatabase(lab, 'hq', scan)).rejects.toThrow(/invalid page in block 1 of relation/);
  }, 60_000);
});

test('a shape that does not exist is answered with those that do', async () => {
  await expect(up({ name: `none-${process.pid}`, shape: 'ring' })).rejects.toThrow(
    'there is no shape "ring"; there are: two-sites, ha-pair, single',
  );
});
