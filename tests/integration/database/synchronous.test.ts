import { eventually } from '../../../lab/eventually.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

describe('synchronous replication', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start({ synchronous: true });
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    const store = regions.store();
    await eventually({ what: 'the lease to say that a standby is in step', withinMs: 20_000 }, async () => {
      expect((await store.read())?.lease.synchronousStandbys).toMatchObject([{ name: STANDBY }]);
    });
    store.close();
  }, 60_000);

  afterAll(() => regions?.end());

  test('no commit is acknowledged while the standby is silent, not even by a time-out', async () => {
    const client = await regions.connect(PRIMARY, 'application', { queryMs: 3_000 });
    regions.signal(STANDBY, 'SIGSTOP');
    await expect(client.query('insert into orders values (-1)')).rejects.toThrow('Query read timeout');
    regions.signal(STANDBY, 'SIGCONT');
    client.end().catch(() => {});
    await regions.sql(PRIMARY, 'insert into orders values (-2)');
  }, 20_000);

  test('nothing that was acknowledged is lost, and the figures say so', async () => {
    const acknowledged: number[] = [];
    const store = regions.store();
    const client = await regions.connect(PRIMARY);
    const killed = new Promise((resolve) => client.once('end', resolve));
    try {
      for (let id = 1; ; id++) {
        await client.query('insert into orders values ($1)', [id]);
        acknowledged.push(id);
        if (id >= 200 && (await store.read())?.lease.synchronousStandbys?.length === 1)
          regions.signal(PRIMARY, 'SIGKILL');
      }
    } catch {
      await killed;
    }
    store.close();

    const steps = new Steps(regions);
    const fenced = await steps.fence();
    const promoted = await steps.promote(fenced, new Date().toISOString());
    expect(promoted.dataLoss).toMatchObject({
      seconds: 0,
      method: expect.stringContaining(`every commit waited for ${STANDBY}`),
    });

    const kept = new Set(
      (await regions.sql<{ id: string }>(STANDBY, 'select id from orders')).map(({ id }) => Number(id)),
    );
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    await regions.sql(STANDBY, 'insert into orders values (0)');
  }, 60_000);
});
