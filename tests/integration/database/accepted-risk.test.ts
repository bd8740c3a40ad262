import { pino } from 'pino';
import { databaseActivities } from '../../../activities/database/index.ts';
import { secretsFromFolder } from '../../../activities/secrets.ts';
import { eventually } from '../../../lab/eventually.ts';
import type { Report } from '../../../plan/report.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';
import { createFakes } from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  startFailover,
  startServer,
  statusWhen,
  teeiPlan,
  withWorkers,
} from '../../support/workflows/harness.ts';

/**
 * Frozen alone, a guard does not stop its PostgreSQL when the lease is taken: the old primary goes on taking writes, and
 * acknowledges them where commits do not wait for the guard.
 */
function freezeGuard(regions: TwoRegions, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const guard = regions.records(PRIMARY).find(({ program }) => program === 'guard');
  if (guard === undefined) throw new Error('the guard is not recorded');
  process.kill(guard.pid, signal);
}

async function failOverAtRisk(regions: TwoRegions): Promise<Report> {
  const env = await startServer();
  try {
    const secrets = secretsFromFolder(regions.secrets);
    const { fenceDatabase, promoteDatabase } = databaseActivities({ secrets, log: pino({ level: 'silent' }) });
    const plan = await teeiPlan();
    const components = { ...plan.components, database: regions.component() };
    return await withWorkers(env, createFakes({ fenceDatabase, promoteDatabase }), async () => {
      const recovering = await startFailover(env, { ...plan, components });
      await approve(env, recovering);
      const { gates } = await statusWhen(recovering, gateOpen('split-brain'));
      expect(gates[0]?.question).toMatch(/the database in us-east-1 still takes writes/);
      await decide(env, recovering, gateOpen('split-brain'), { verb: 'approve', target: 'split-brain' });
      return await recovering.result();
    });
  } finally {
    await env.teardown();
  }
}

test('when people accept the risk of split brain, what the old primary goes on acknowledging is not called a small loss', async () => {
  const regions = await TwoRegions.start({ confirmCommits: false });
  const order = (region: typeof PRIMARY | typeof STANDBY, id: number) =>
    regions.sql(region, 'insert into orders (id) values ($1)', [id]);
  try {
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    await order(PRIMARY, 1);
    await eventually({ what: 'the order on the standby', withinMs: 10_000 }, async () => {
      if ((await regions.sql(STANDBY, 'select from orders')).length !== 1) throw new Error('it is not there');
    });
    freezeGuard(regions, 'SIGSTOP');
    const report = await failOverAtRisk(regions);
    // Both take writes now: this one is acknowledged, and lost.
    await order(PRIMARY, 2);
    await order(STANDBY, 3);
    expect(await regions.sql(STANDBY, 'select id::int from orders order by id')).toEqual([{ id: 1 }, { id: 3 }]);
    expect(report.outcome).toBe('recovered');
    expect(report.reason).toContain('us-east-1 is NOT proved to be fenced');
    expect(report.dataLoss).toMatchObject({
      actualSeconds: null,
      met: null,
      method: expect.stringMatching(/^unknown: the old primary was not proved to have stopped/),
    });
  } finally {
    freezeGuard(regions, 'SIGCONT');
    await regions.end();
  }
}, 120_000);
