import { readFile } from 'node:fs/promises';
import { eventually } from '../../../lab/eventually.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

/** Writes numbered orders until told to stop; remembers what was acknowledged and when. */
async function writeOrders(regions: TwoRegions, stop: AbortSignal): Promise<{ id: number; at: number }[]> {
  const acknowledged: { id: number; at: number }[] = [];
  const client = await regions.connect(PRIMARY);
  try {
    for (let id = 1; !stop.aborted; id++) {
      await client.query('insert into orders (id) values ($1)', [id]);
      acknowledged.push({ id, at: Date.now() });
    }
  } catch {
    // The primary is gone: that is the end of writing.
  } finally {
    client.end().catch(() => {});
  }
  return acknowledged;
}

describe('a region dies under load', () => {
  let regions: TwoRegions;
  let steps: Steps;
  let acknowledged: { id: number; at: number }[];
  let downSince: string;

  beforeAll(async () => {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    const writing = new AbortController();
    const load = writeOrders(regions, writing.signal);
    await eventually({ what: 'orders on the standby', withinMs: 20_000 }, async () => {
      const [row] = await regions.sql<{ count: string }>(STANDBY, 'select count(*) from orders');
      if (Number(row?.count) < 50) throw new Error(`${row?.count} orders`);
    });
    // Orders may be there sooner than the guard's first renewal that says so.
    await eventually({ what: 'the lease to say what the primary is', withinMs: 20_000 }, async () => {
      if ((await regions.store().read())?.lease.timeline == null) throw new Error('it names no timeline');
    });
    regions.signal(PRIMARY, 'SIGKILL');
    acknowledged = await load;
    downSince = new Date().toISOString();
    steps = new Steps(regions);
  }, 60_000);

  afterAll(() => regions?.end());

  test('fences with proof, promotes once, and measures a loss that is never too small', async () => {
    const startedAt = Date.now();
    const fenced = await steps.fence();
    expect(fenced).toMatchObject({ proved: true, changed: true, lastKnown: { timeline: 1 } });
    expect(Date.now() - startedAt).toBeLessThan(4 * regions.ttlMs);
    expect(await steps.fence()).toMatchObject({ proved: true, changed: false, lastKnown: fenced.lastKnown });

    const promoted = await steps.promote(fenced, downSince);
    expect(promoted).toMatchObject({ changed: true, timelineBefore: 1, timelineAfter: 2 });
    expect(await steps.promote(fenced, downSince)).toEqual({ ...promoted, changed: false });

    const rows = await regions.sql<{ id: string }>(STANDBY, 'select id from orders');
    const kept = new Set(rows.map(({ id }) => Number(id)));
    const lost = acknowledged.filter(({ id }) => !kept.has(id));
    const newestKept = Math.max(...acknowledged.filter(({ id }) => kept.has(id)).map(({ at }) => at));
    const newestLost = Math.max(newestKept, ...lost.map(({ at }) => at));
    expect(promoted.dataLoss.seconds).not.toBeNull();
    expect(promoted.dataLoss.seconds).toBeGreaterThanOrEqual((newestLost - newestKept) / 1000);
    expect(promoted.dataLoss.bytes).toBeGreaterThanOrEqual(0);
  }, 30_000);

  test('the new primary takes writes and its guard renews the lease', async () => {
    await regions.sql(STANDBY, 'insert into orders (id) values (1000000)');
    const store = regions.store();
    await eventually({ what: 'a renewal by the new primary', withinMs: 20_000 }, async () => {
      const stored = await store.read();
      expect(stored?.lease).toMatchObject({ holder: STANDBY, timeline: 2, epoch: steps.recovery.epoch });
    });
    store.close();
  });

  test('the old region comes back and its guard refuses to start it', async () => {
    await regions.startRegion(PRIMARY);
    const state = JSON.parse(await readFile(regions.guardState(PRIMARY), 'utf8'));
    expect(state.state).toBe('fenced');
    expect(state.detail).toContain(`the lease names ${STANDBY}`);
    await expect(regions.connect(PRIMARY)).rejects.toThrow('ECONNREFUSED');
  }, 30_000);

  test('an earlier recovery that comes late is refused', async () => {
    const late = new Steps(regions, steps.recovery.epoch - 1);
    await expect(late.fence()).rejects.toMatchObject({ type: 'LeaseLost' });
  });

  test('a later recovery finds the region serving already', async () => {
    const later = new Steps(regions, steps.recovery.epoch + 1);
    await expect(later.fence()).rejects.toMatchObject({ type: 'AlreadyServing' });
  });

  test('the lease can be given back: the new primary stops and the old one takes writes', async () => {
    expect(await steps.giveBack()).toMatchObject({ changed: true });
    await regions.sql(PRIMARY, 'insert into orders (id) values (2000000)');
    await expect(regions.connect(STANDBY)).rejects.toThrow('ECONNREFUSED');
    expect(await steps.giveBack()).toMatchObject({ changed: false });
    await expect(steps.fence()).rejects.toMatchObject({ type: 'LeaseLost' });
  }, 30_000);
});

test('a region that is away and whose lease nobody took is given nothing back, and not waited for', async () => {
  const regions = await TwoRegions.start({ only: [PRIMARY] });
  try {
    regions.signal(PRIMARY, 'SIGKILL');
    const given = await new Steps(regions).giveBack();
    expect(given).toEqual({ changed: false, detail: expect.stringMatching(/^us-east-1 has the lease still/) });
  } finally {
    await regions.end();
  }
}, 60_000);
