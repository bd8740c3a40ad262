import { join } from 'node:path';
import { channelsFor } from '../../../plan/channels.ts';
import { audiences, levelOf, rolesOf } from '../../../plan/communication.ts';
import { criticalPath } from '../../../plan/graph.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { loadPlan, loadRecoveryPlan, PlanProblems } from '../../../starter/load-plan.ts';

/** What the recovery plan of the system promises, held against the file that implements it. */
const SYSTEM = 'teei-csr';
const production = () => loadRecoveryPlan({ system: SYSTEM, environment: 'production' });
const databaseOf = ({ components }: RecoveryPlan) => {
  const wiring = components['database']?.wiring;
  if (wiring === undefined) throw new Error('no database');
  return wiring as Wiring<'postgres-streaming'>;
};
const failover = ({ scenarios }: RecoveryPlan) => {
  const scenario = scenarios['region-failover'];
  if (scenario === undefined) throw new Error('no region failover');
  return scenario;
};

test('recovers within five minutes and loses at most ten seconds', async () => {
  const plan = await production();
  expect(plan.objectives).toEqual({ recoveryTimeSeconds: 300, dataLossSeconds: 10 });
  expect(plan.tiers.map(({ name, recoveryTime, dataLoss }) => [name, recoveryTime, dataLoss])).toEqual([
    ['tier-1', '5m', '10s'],
    ['tier-2', '15m', '1m'],
    ['tier-3', '1h', '1h'],
  ]);
});

test('budgets are those of the plan, and their critical path fits the objective', async () => {
  const { phases } = failover(await production());
  const budgets = Object.fromEntries(phases.map(({ name, budget }) => [name, budget]));
  expect(budgets).toMatchObject({
    assess: '60s',
    'promote-database': '60s',
    'promote-analytics': '30s',
    'promote-stream': '30s',
    'scale-up': '60s',
    'cut-over-dns': '60s',
    verify: '60s',
  });
  expect(criticalPath(phases).seconds).toBeLessThanOrEqual(300);
});

test('rolls back by the four criteria, and more critical services can fail than are allowed to', async () => {
  const plan = await production();
  const allowed = {
    for: '10s',
    criticalServicesFailing: 3,
    recoveryTime: '10m',
    customerErrors: 5,
    executiveAbort: true,
  };
  expect(failover(plan).rollback).toEqual(allowed);
  expect(plan.services.filter(({ critical }) => critical).length).toBeGreaterThan(3);
});

test('two approve by day, one at night, two a restore at any hour; executives abort, and the path of escalation is the one agreed', async () => {
  const { authority } = await production();
  const executives = { roles: ['executives'], within: '30m' };
  expect(authority.rules).toEqual([
    { when: 'always', scenarios: ['restore'], require: ['on-call-sre', 'vp-engineering'], notify: executives },
    { when: 'business-hours', require: ['on-call-sre', 'vp-engineering'] },
    { when: 'other-hours', require: ['on-call-sre'], notify: executives },
  ]);
  expect(authority.abort).toEqual(['vp-engineering', 'cto']);
  expect(authority.escalate).toEqual(['on-call-sre', 'sre-manager', 'vp-engineering', 'cto']);
});

test('the decision matrix has the five rules of the plan, with their durations', async () => {
  const { rules } = (await production()).decisions;
  const ruled = (name: string) => rules.find((rule) => rule.name === name);
  expect(ruled('region-lost')).toMatchObject({ when: 'region-unreachable', for: '5m', action: 'region-failover' });
  expect(ruled('standby-behind')).toMatchObject({ when: 'replication-lag', over: '5m', action: 'wait' });
  expect(ruled('analytics-failing')).toMatchObject({ components: ['analytics'], action: 'component-failover' });
  expect(ruled('pod-or-node-lost')).toMatchObject({ when: 'part-failing', action: 'self-heal' });
  expect(ruled('planned-maintenance')).toMatchObject({ when: 'maintenance', action: 'switchover' });
  expect(rules.filter(({ withoutApproval }) => withoutApproval)).toEqual([]);
});

test('lab: a region that nobody reaches is failed over at the first look', async () => {
  const { rules, lookEvery } = (await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' })).decisions;
  expect(rules.find(({ name }) => name === 'region-lost')?.for).toBe('0s');
  expect(lookEvery).toBe('2s');
});

test('executives within 30 minutes at night, the team in real time, customers by the status page, a summary by e-mail', async () => {
  const { communication, notifications } = await production();
  const level = levelOf(communication, 'region-failover');
  expect(level.start).toContainEqual({ roles: ['customers'], within: '5m' });
  expect(level.updates).toContainEqual({ roles: ['sre-team'], every: '5m' });
  expect(level.end).toContainEqual({ roles: ['engineering'], within: '24h' });
  expect(audiences(communication, rolesOf(level)).outside).toEqual(['customers']);
  const by = (role: string) =>
    channelsFor(notifications, { roles: [role], severity: level.severity }).map(({ provider }) => provider);
  expect([by('sre-team'), by('customers'), by('engineering'), by('on-call-sre'), by('executives')]).toEqual([
    ['slack'],
    ['statuspage'],
    ['email'],
    ['pagerduty'],
    ['email'],
  ]);
});

test('data of EU customers stays in eu-central-1', async () => {
  const { plan } = await loadPlan({ system: SYSTEM, environment: 'production' });
  const rule = plan.residency.find(({ data }) => data === 'EU customers');
  expect(rule?.regions).toEqual(['eu-central-1']);
  expect(plan.regions.standby).toBe('eu-central-1');
});

test('lab: one person approves at any hour, and checks stay green for seconds only', async () => {
  const lab = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
  expect(lab.mode).toBe('drill');
  expect(lab.authority.rules.map(({ when, require }) => [when, require])).toEqual([['always', ['on-call-sre']]]);
  expect(failover(lab).watch).toBe('5s');
  expect(databaseOf(lab).shared.lease?.ttl).toBe('4s');
});

describe('with the variables of a lab', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test('its endpoints take the place of the usual ones', async () => {
    process.env['LAB_B_HOST'] = '127.0.3.20';
    process.env['LAB_POSTGRES_PORT'] = '6543';
    process.env['LAB_REPLICATION'] = 'synchronous';
    const lab = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
    const wiring = databaseOf(lab);
    expect(wiring.regions['eu-central-1']).toEqual({ host: '127.0.3.20', port: 6543 });
    expect(wiring.shared.replication).toBe('synchronous');
  });
});

test('a plan that is not there is one class of error that names the file', async () => {
  const missing = loadRecoveryPlan({ system: 'nobody', environment: 'lab', folder: import.meta.dirname });
  await expect(missing).rejects.toThrow(PlanProblems);
  await expect(missing).rejects.toThrow(
    join('tests', 'unit', 'runbooks', 'nobody', 'plan.yaml:1:1: there is no such file'),
  );
});
