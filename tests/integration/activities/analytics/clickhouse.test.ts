import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { analyticsActivities } from '../../../../activities/analytics/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, stepOf, TO, wired } from '../../../support/activities/step.ts';
import { DATABASE } from '../../../support/lab/shape.ts';

const { captureAnalytics, promoteAnalytics, rejoinAnalytics, restoreAnalytics } = analyticsActivities(depsOf());

describe('ClickHouse', () => {
  let lab: Lab;
  const clients: ClickHouseClient[] = [];

  const url = (region: string) => {
    const { host, port } = lab.endpoint(`${region}/clickhouse`);
    return `http://${host}:${port}`;
  };
  const step = (table = 'orders') =>
    stepOf(
      wired('analytics', 'clickhouse', {
        shared: { database: DATABASE, tables: [table] },
        regions: { [FROM]: { url: url(FROM) }, [TO]: { url: url(TO) } },
      }),
    );
  const at = (region: string) => {
    const client = createClient({ url: url(region), database: DATABASE });
    clients.push(client);
    return client;
  };
  const insert = (client: ClickHouseClient, from: number, rows: number) =>
    client.command({
      query: `INSERT INTO orders SELECT number + ${from}, 'client', '${FROM}', toDateTime(1700000000) FROM system.numbers LIMIT ${rows}`,
    });
  const one = async (client: ClickHouseClient, query: string) => {
    const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json<{ n: string | number }>();
    return Number(row?.n);
  };
  const rows = (client: ClickHouseClient) => one(client, 'SELECT count() AS n FROM orders');

  let primary: ClickHouseClient;
  let standby: ClickHouseClient;

  beforeAll(async () => {
    lab = await startLab('analytics', ['analytics-tables']);
    [primary, standby] = [at(FROM), at(TO)];
    await insert(primary, 0, 1_000);
    await eventually({ what: 'replication', withinMs: 20_000 }, async () => expect(await rows(standby)).toBe(1_000));
  }, 90_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await lab?.down();
  });

  test('captures the state of the replica', async () => {
    const snapshot = await attempt(captureAnalytics, step());
    expect(snapshot.state).toMatchObject({
      tables: [{ table: 'orders', rows: 1_000, readOnly: false, sessionExpired: false }],
    });
    expect(snapshot.detail).toMatch(/^orders: 1,000 rows, writable, [01] s behind$/);
  });

  test('refuses a table that is not there', async () => {
    await expect(attempt(promoteAnalytics, step('nothing'))).rejects.toMatchObject({
      type: 'WiringInvalid',
      message: 'teei.nothing is no replicated table on this server',
    });
  });

  test('stops fetching, leaves nothing in the table, and goes on fetching after a restore', async () => {
    const snapshot = await attempt(captureAnalytics, step());
    const parts = await one(standby, "SELECT count() AS n FROM system.parts WHERE table = 'orders' AND active");
    const promoted = await attempt(promoteAnalytics, step());
    expect(promoted).toEqual({ changed: true, detail: 'fetches are stopped; orders is writable with 1,000 rows' });
    expect(await one(standby, "SELECT count() AS n FROM system.parts WHERE table = 'orders' AND active")).toBe(parts);

    await insert(primary, 1_000, 10);
    await eventually({ what: 'the standby to hear of the part', withinMs: 20_000 }, async () =>
      expect(await one(standby, "SELECT count() AS n FROM system.replication_queue WHERE type = 'GET_PART'")).toBe(1),
    );
    expect(await rows(standby)).toBe(1_000);

    expect(await attempt(restoreAnalytics, { ...step(), snapshot })).toMatchObject({ changed: true });
    await eventually({ what: 'fetches to go on', withinMs: 20_000 }, async () =>
      expect(await rows(standby)).toBe(1_010),
    );
  });

  test('fetches all that it missed when it joins the others again', async () => {
    await attempt(promoteAnalytics, step());
    await insert(primary, 1_500, 10);
    const before = await rows(standby);
    const joined = await attempt(rejoinAnalytics, step());
    expect(joined.detail).toMatch(/nothing is missing: orders has 1,0\d0 rows$/);
    await eventually({ what: 'the part', withinMs: 20_000 }, async () => expect(await rows(standby)).toBe(before + 10));
  });

  test('names the parts that went down with the other replica, and takes inserts without it', async () => {
    await attempt(promoteAnalytics, step());
    await insert(primary, 2_000, 7);
    await eventually({ what: 'the standby to hear of the part', withinMs: 20_000 }, async () =>
      expect(await one(standby, "SELECT count() AS n FROM system.replication_queue WHERE type = 'GET_PART'")).toBe(1),
    );
    expect(lab.signal(`${FROM}/clickhouse`, 'SIGKILL')).toBeGreaterThan(0);
    const promoted = await attempt(promoteAnalytics, step());
    expect(promoted.detail).toMatch(
      /orders is writable with 1,020 rows and without 1 part that only the other replica may have: \d{6}_\S+$/,
    );
    await insert(standby, 3_000, 5);
    expect(await rows(standby)).toBe(1_025);
  });

  test('waits, and says why, while the table is read-only', async () => {
    lab.signal('third-place/zookeeper', 'SIGSTOP');
    try {
      await eventually({ what: 'the table to become read-only', withinMs: 60_000 }, async () =>
        expect(await one(standby, 'SELECT is_readonly AS n FROM system.replicas')).toBe(1),
      );
      const impatient = { info: { startToCloseTimeoutMs: 3_000 } };
      await expect(attempt(promoteAnalytics, step(), impatient)).rejects.toMatchObject({
        type: 'NotReached',
        message: expect.stringMatching(/gave up waiting for teei\.orders to become writable .*(session|read-only)/),
      });
    } finally {
      lab.signal('third-place/zookeeper', 'SIGCONT');
    }
    expect((await attempt(promoteAnalytics, step())).detail).toContain('orders is writable');
  }, 120_000);
});
