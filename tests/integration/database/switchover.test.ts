import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { eventually } from '../../../lab/eventually.ts';
import { Orders } from '../../support/database/orders.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, type Region, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

describe('a planned move under load', () => {
  let regions: TwoRegions;
  let orders: Orders;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    orders = new Orders(regions);
    orders.start();
    await orders.written(PRIMARY);
  }, 60_000);

  afterAll(async () => {
    await orders?.stop();
    await regions?.end();
  });

  /** A primary that was just started again is found by its standby within seconds; before that it hands over nothing. */
  async function streaming(standby: Region = STANDBY): Promise<void> {
    await eventually({ what: 'the standby to receive', withinMs: 20_000 }, async () => {
      const operator = await regions.connect(standby, 'lifeboat');
      const receivers = await operator.query("select 1 from pg_stat_wal_receiver where status = 'streaming'");
      await operator.end();
      if (receivers.rowCount === 0) throw new Error('it receives nothing');
    });
  }

  test('a hand-over that is withdrawn lets the primary take writes again', async () => {
    const steps = new Steps(regions);
    await streaming();
    await steps.handOver();
    await expect(regions.connect(PRIMARY)).rejects.toThrow('ECONNREFUSED');
    expect(await steps.giveBack()).toMatchObject({ changed: true });
    await orders.written(PRIMARY);
    expect(await steps.giveBack()).toMatchObject({ changed: false });
  }, 60_000);

  test('moves without a loss: stopped in order, replayed to the end, fenced at once, promoted', async () => {
    const steps = new Steps(regions);
    await streaming();
    const handedOver = await steps.handOver();
    expect(handedOver).toMatchObject({ changed: true, final: { timeline: 1 } });
    expect(await steps.handOver()).toMatchObject({ changed: false, final: handedOver.final });
    await expect(regions.connect(PRIMARY)).rejects.toThrow('ECONNREFUSED');
    await eventually({ what: 'the guard to say that it has stopped', withinMs: 10_000 }, async () => {
      const state = JSON.parse(await readFile(regions.guardState(PRIMARY), 'utf8'));
      expect(state.state).toMatch(/stopped|handed-over/);
    });

    await steps.noLag(handedOver.final);
    const startedAt = Date.now();
    const fenced = await steps.fence();
    expect(fenced).toMatchObject({ proved: true, evidence: expect.stringContaining('stopped in order') });
    expect(Date.now() - startedAt).toBeLessThan(regions.ttlMs);
    const promoted = await steps.promote(fenced, new Date().toISOString());
    expect(promoted).toMatchObject({ timelineBefore: 1, timelineAfter: 2, dataLoss: { seconds: 0, bytes: 0 } });
    expect(await steps.handOver()).toMatchObject({ changed: false, final: handedOver.final });
    expect(await steps.noLag(handedOver.final)).toMatchObject({ changed: false });

    await orders.written(STANDBY);
    expect(await orders.missingIn(STANDBY)).toEqual([]);

    const rebuilt = await steps.rebuildOld();
    expect(rebuilt).toMatchObject({
      changed: true,
      detail: expect.stringContaining('follows eu-central-1 with its data as it is'),
    });
    expect(await steps.rebuildOld()).toMatchObject({ changed: false });
    expect((await readdir(dirname(regions.data(PRIMARY)))).filter((name) => name.includes('before'))).toEqual([]);
  }, 90_000);

  test('moves back as it came, right away', async () => {
    const back = new Steps(regions, Date.now(), { from: STANDBY, to: PRIMARY });
    await streaming(PRIMARY);
    const promoted = await back.switchOver();
    expect(promoted).toMatchObject({ timelineBefore: 2, timelineAfter: 3, dataLoss: { seconds: 0, bytes: 0 } });
    await orders.written(PRIMARY);
    await back.rebuildOld();
    expect(await orders.missingIn(PRIMARY)).toEqual([]);
  }, 90_000);

  test('an earlier recovery that comes late asks nobody to hand over', async () => {
    const late = new Steps(regions, 1_000);
    await expect(late.handOver()).rejects.toMatchObject({ type: 'LeaseLost' });
    await orders.written(PRIMARY);
  });

  test('a promotion is undone without a loss once the old primary follows the new one', async () => {
    const steps = new Steps(regions);
    await streaming();
    await steps.switchOver();
    // Right away: the new primary has not said yet where its log is.
    await steps.rebuildOld();
    await orders.written(STANDBY);
    expect(await steps.giveBack()).toMatchObject({
      changed: true,
      detail: expect.stringContaining('no write was lost'),
    });
    expect(await steps.giveBack()).toMatchObject({ changed: false });
    await orders.written(PRIMARY);
    await orders.stop();
    expect(await orders.missingIn(PRIMARY)).toEqual([]);
    expect(existsSync(`${regions.data(PRIMARY)}.rebuilding`)).toBe(false);
  }, 90_000);
});
