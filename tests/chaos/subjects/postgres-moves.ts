import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HandOverResult } from '../../../activities/contract.ts';
import { databaseActivities } from '../../../activities/database/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { attempt, depsOf, recoveryRef } from '../../support/activities/step.ts';
import { PRIMARY, TwoRegions } from '../../support/database/two-regions.ts';
import { otherRegion, type Region, SYSTEM } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

const PASSWORD = `${SYSTEM}/planned-moves`;

/**
 * The database of a planned move: one pair of regions for all runs, handed over, given back, or moved for good each
 * time. The guards answer in the lease, and PostgreSQL says who takes writes and who follows.
 */
export const postgresMoves: Theatre = {
  needs: [],
  async open(lab) {
    const secrets = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    const verbs = databaseActivities(depsOf(secrets));
    const regions = await TwoRegions.start();
    await copyFile(join(regions.secrets, SYSTEM, 'postgres'), join(secrets, PASSWORD));
    await eventually({ what: 'the primary', withinMs: 30_000 }, () =>
      regions.sql(PRIMARY, 'create table if not exists orders (id bigint primary key)'),
    );
    let serving: Region = PRIMARY;

    function stepFrom(from: Region) {
      const component = regions.component();
      Object.assign(component.wiring.shared, { passwordSecret: PASSWORD });
      return { recovery: recoveryRef(), component, from, to: otherRegion(from) };
    }
    async function asked<R>(region: Region, sql: string): Promise<R | undefined> {
      const client = await regions.connect(region, 'lifeboat');
      return (await client.query(sql).finally(() => client.end())).rows[0] as R | undefined;
    }
    const follows = (region: Region) =>
      asked<{ status: string }>(region, 'select status from pg_stat_wal_receiver').then((row) => row?.status ?? null);
    const inWay = (region: Region) => regions.connect(region).then(closed, ({ code }: NodeJS.ErrnoException) => code);

    /** The step of a primary that has handed over, or may have. */
    let handed: ReturnType<typeof stepFrom> | null = null;

    /** Whatever the run before left: a primary that takes writes, and a standby that receives them. */
    async function start() {
      // As a planned move does that is given up.
      if (handed !== null) await attempt(verbs.returnDatabase, handed);
      const step = stepFrom(serving);
      await eventually({ what: 'a pair that streams', withinMs: 40_000, everyMs: 200 }, async () => {
        await regions.sql(serving, 'select count(*) from orders');
        if ((await follows(step.to)) !== 'streaming') throw new Error('the standby receives nothing');
      });
      handed = step;
      return step;
    }

    async function leaseOf() {
      const store = regions.store();
      const stored = await store.read().finally(() => store.close());
      return stored?.lease;
    }
    const handOver: Subject = {
      verb: 'handOverDatabase',
      async prepare() {
        const step = await start();
        async function seen(answer: unknown) {
          const { final } = answer as HandOverResult;
          const lease = await leaseOf();
          const same = lease?.final?.walPosition === final.walPosition;
          return { holder: lease?.holder, same, timeline: final.timeline, old: await inWay(step.from) };
        }
        const timeline = (await leaseOf())?.timeline;
        return { input: step, seen, expected: { holder: step.from, same: true, timeline, old: 'ECONNREFUSED' } };
      },
    };
    const noLag: Subject = {
      verb: 'awaitNoLag',
      async prepare() {
        const step = await start();
        const { final } = await attempt(verbs.handOverDatabase, step);
        async function seen() {
          const whole = `pg_last_wal_replay_lsn() >= '${final.walPosition}'::pg_lsn`;
          const row = await asked<object>(step.to, `select pg_is_in_recovery() as standby, ${whole} as whole`);
          return { ...row, old: await inWay(step.from) };
        }
        return { input: { ...step, final }, seen, expected: { standby: true, whole: true, old: 'ECONNREFUSED' } };
      },
    };
    const rebuild: Subject = {
      verb: 'rebuildStandby',
      async prepare() {
        const step = await start();
        const { final } = await attempt(verbs.handOverDatabase, step);
        await attempt(verbs.awaitNoLag, { ...step, final });
        const { lastKnown } = await attempt(verbs.fenceDatabase, step);
        await attempt(verbs.promoteDatabase, { ...step, lastKnown, downSince: new Date().toISOString() });
        [serving, handed] = [step.to, null];
        const timeline = final.timeline + 1;
        async function seen() {
          const sql = 'select status, received_tli as timeline from pg_stat_wal_receiver';
          const followed = await asked<object>(step.from, sql);
          const store = regions.store();
          const stored = await store.readRebuild(step.from).finally(() => store.close());
          return { ...followed, rebuild: stored?.rebuild.state, way: stored?.rebuild.way };
        }
        const input = { ...step, from: step.to, to: step.from };
        return { input, seen, expected: { status: 'streaming', timeline, rebuild: 'done', way: 'least' } };
      },
    };
    return { subjects: [handOver, noLag, rebuild], close: () => regions.end() };
  },
};

async function closed(client: { end(): Promise<void> }): Promise<string> {
  await client.end();
  return 'takes sessions';
}
