import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { analyticsActivities } from '../../../activities/analytics/index.ts';
import type { Snapshot } from '../../../activities/contract.ts';
import { eventually } from '../../../lab/eventually.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import { DATABASE } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

const { captureAnalytics, promoteAnalytics } = analyticsActivities(depsOf());

const rowsIn = ({ state }: Snapshot) => (state as { tables: { rows: number }[] }).tables.map(({ rows }) => rows);

/** A row that a replica fetches is there by then, however busy the machine is. */
const ARRIVES_MS = 30_000;
/** One that is not there by then is not fetched. */
const STAYS_AWAY_MS = 5_000;

/** Whether the standby's replica fetches is seen by rows that the other one gets. */
export const clickhouse: Theatre = {
  needs: ['analytics-tables'],
  async open(lab) {
    const url = (region: string) => {
      const { host, port } = lab.endpoint(`${region}/clickhouse`);
      return `http://${host}:${port}`;
    };
    const [primary, standby] = [FROM, TO].map((region) =>
      createClient({ url: url(region), database: DATABASE, log: { level: ClickHouseLogLevel.OFF } }),
    );
    if (!primary || !standby) throw new Error('no clients');
    let rows = 0;
    const insert = async () => {
      rows += 1;
      const query = `INSERT INTO orders SELECT ${rows}, 'client', '${FROM}', now() FROM system.one`;
      await primary.command({ query });
    };
    const count = async () => {
      const answer = await standby.query({ query: 'SELECT count() AS n FROM orders', format: 'JSONEachRow' });
      return Number((await answer.json<{ n: string }>())[0]?.n);
    };
    const fetched = (withinMs: number) =>
      eventually({ what: 'replication', withinMs }, async () => {
        if ((await count()) !== rows) throw new Error(`${await count()} of ${rows}`);
      });
    const component = wired('analytics', 'clickhouse', {
      shared: { database: DATABASE, tables: ['orders'] },
      regions: { [FROM]: { url: url(FROM) }, [TO]: { url: url(TO) } },
    });
    async function start() {
      await standby?.command({ query: 'SYSTEM START FETCHES teei.orders' });
      await insert();
      await fetched(ARRIVES_MS);
      return stepOf(component, recoveryRef());
    }
    const within = (ms: number) => async () => {
      await insert();
      const fetches = await fetched(ms).then(
        () => true,
        () => false,
      );
      return { fetches };
    };
    const seen = within(ARRIVES_MS);
    const capture: Subject = {
      verb: 'captureAnalytics',
      async prepare() {
        const input = await start();
        const both = async (answer: unknown) => ({ ...(await seen()), captured: rowsIn(answer as Snapshot) });
        return { input, seen: both, expected: { fetches: true, captured: [rows] } };
      },
    };
    const promote: Subject = {
      verb: 'promoteAnalytics',
      prepare: async () => ({ input: await start(), seen: within(STAYS_AWAY_MS), expected: { fetches: false } }),
    };
    const restore: Subject = {
      verb: 'restoreAnalytics',
      async prepare() {
        const step = await start();
        const snapshot = await attempt(captureAnalytics, step);
        await attempt(promoteAnalytics, step);
        return { input: { ...step, snapshot }, seen, expected: { fetches: true } };
      },
    };
    const rejoin: Subject = {
      verb: 'rejoinAnalytics',
      async prepare() {
        const step = await start();
        await attempt(promoteAnalytics, step);
        await insert();
        return { input: step, seen, expected: { fetches: true } };
      },
    };
    const close = async () => {
      await Promise.all([primary.close(), standby.close()]);
    };
    return { subjects: [capture, promote, restore, rejoin], close };
  },
};
