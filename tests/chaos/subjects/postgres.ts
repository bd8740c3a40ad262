import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseActivities } from '../../../activities/database/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { attempt, depsOf, recoveryRef } from '../../support/activities/step.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';
import { SYSTEM } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

/** Two regions of their own for each run, with a guard each; the primary's is killed before the step. */
export const postgres: Theatre = {
  needs: [],
  async open(lab) {
    const secrets = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    let regions: TwoRegions | null = null;

    async function start(run: number) {
      await regions?.end();
      const started = await TwoRegions.start();
      regions = started;
      const passwordSecret = `${SYSTEM}/run-${run}`;
      await copyFile(join(regions.secrets, SYSTEM, 'postgres'), join(secrets, passwordSecret));
      const component = regions.component();
      Object.assign(component.wiring.shared, { passwordSecret });
      await eventually({ what: 'the primary', withinMs: 30_000 }, () =>
        started.sql(PRIMARY, 'create table if not exists orders (id bigint primary key)'),
      );
      await eventually({ what: 'the table on the standby', withinMs: 10_000 }, () =>
        started.sql(STANDBY, 'select from orders'),
      );
      regions.signal(PRIMARY, 'SIGKILL');
      const step = { recovery: recoveryRef(), component, from: PRIMARY, to: STANDBY };
      const verbs = databaseActivities(depsOf(secrets));
      return { regions, step, verbs, downSince: new Date().toISOString() };
    }

    async function leaseOf(used: TwoRegions) {
      const store = used.store();
      const stored = await store.read().finally(() => store.close());
      return { holder: stored?.lease.holder, before: stored?.lease.previous?.holder };
    }

    const fence: Subject = {
      verb: 'fenceDatabase',
      async prepare(run) {
        const { regions: used, step } = await start(run);
        return { input: step, seen: () => leaseOf(used), expected: { holder: STANDBY, before: PRIMARY } };
      },
    };
    const promote: Subject = {
      verb: 'promoteDatabase',
      async prepare(run) {
        const { regions: used, step, verbs, downSince } = await start(run);
        const { lastKnown } = await attempt(verbs.fenceDatabase, step);
        async function seen() {
          await used.sql(STANDBY, 'insert into orders values (1)');
          const client = await used.connect(STANDBY, 'lifeboat');
          const sql = `select count(*)::int as promotions, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline
            from lifeboat.promotions`;
          return (await client.query(sql).finally(() => client.end())).rows[0];
        }
        const expected = { promotions: 1, timeline: '00000002' };
        return { input: { ...step, lastKnown, downSince }, seen: async () => ({ ...(await seen()) }), expected };
      },
    };
    const giveBack: Subject = {
      verb: 'returnDatabase',
      async prepare(run) {
        const { regions: used, step, verbs, downSince } = await start(run);
        const { lastKnown } = await attempt(verbs.fenceDatabase, step);
        await attempt(verbs.promoteDatabase, { ...step, lastKnown, downSince });
        await used.startRegion(PRIMARY);
        async function seen() {
          await used.sql(PRIMARY, 'insert into orders values (1)');
          const other = await used.connect(STANDBY).catch((error: NodeJS.ErrnoException) => error.code);
          return { ...(await leaseOf(used)), other };
        }
        return { input: step, seen, expected: { holder: PRIMARY, before: STANDBY, other: 'ECONNREFUSED' } };
      },
    };
    return { subjects: [fence, promote, giveBack], close: async () => void (await regions?.end()) };
  },
};
