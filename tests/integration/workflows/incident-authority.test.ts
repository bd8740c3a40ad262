import { whyApprovalIsNeeded } from '../../../plan/decide/unattended.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Scenario } from '../../../plan/schema.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import { createFakes, deadRegion, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import {
  decide,
  gateOpen,
  letPass,
  type Recovering,
  stage,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';
import { alert, incidentWhen, planFor, raise, say, withRule } from '../../support/workflows/incidents.ts';

const { env, plan: teei } = await stage();

const recoveryOf = (plan: RecoveryPlan) => env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering;
const underWay = ({ summary }: { summary: string }) => /under way/.test(summary);

/** One recovery from an alert to its report, and the incident to its end. */
async function run(plan: RecoveryPlan, during: () => Promise<unknown>, fakes = createFakes()) {
  return await withWorkers(env, fakes, async () => {
    const open = await raise(env, plan, [alert()]);
    // One that nobody is asked about may have ended before it is seen to be under way.
    await incidentWhen(open, (status) => underWay(status) || status.recoveries.length > 0);
    await during();
    const report = await recoveryOf(plan).result();
    await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
    await raise(env, plan, [alert({ status: 'resolved' })]);
    await incidentWhen(open, ({ counts }) => counts.firing === 0);
    await say(env, open, { verb: 'acknowledge' });
    return { report, incident: await open.result() };
  });
}

const allowed = (change = {}) => withRule(planFor(teei), 'region-lost', { withoutApproval: true, ...change });
const nobody = async () => {};
const rejecting = (plan: RecoveryPlan) => () =>
  decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });

describe('starting without approval', () => {
  test('where plan and environment allow it, nobody is asked, those who must know are told, and the report says so', async () => {
    const { report, incident } = await run(allowed(), nobody);
    expect(report).toMatchObject({ outcome: 'recovered', recoveryTime: { humanSeconds: 0 } });
    expect(report.approvals).toMatchObject([
      { verb: 'approve', identity: null, detail: 'started without approval, by rule "region-lost" of the plan' },
    ]);
    expect(report.notifications).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'authority' })]));
    expect(incident.outcome).toBe('recovered');
  });

  test('is off by default', async () => {
    const plan = planFor(teei);
    const { report } = await run(plan, rejecting(plan));
    expect(report.outcome).toBe('refused');
  });

  test('is not granted when what would be lost is unknown', async () => {
    const plan = allowed();
    const fakes = createFakes({
      observe: async ({ vantage }) => vantageFacts(vantage, [deadRegion, { ...standbyRegion, replayAgeSeconds: null }]),
    });
    const { report } = await run(plan, rejecting(plan), fakes);
    expect(report.outcome).toBe('refused');
    expect(report.timeline.map(({ text }) => text)).toContain(
      'approval is needed all the same: what would be lost is unknown',
    );
  });

  const facts = { fromUnreachable: true, standbyReady: true, expectedDataLossSeconds: 1, from: 'a', to: 'b' };
  const why = (rule: string | undefined, change = {}, plan = allowed()) =>
    whyApprovalIsNeeded(plan, { scenario: 'region-failover', rule }, { ...facts, ...change } as never);

  test.each([
    ['no rule', () => why(undefined), /no rule "undefined"/],
    ['a rule that is not there', () => why('of-my-own'), /no rule "of-my-own"/],
    ['a rule of another action', () => why('analytics-failing'), /no rule "analytics-failing"/],
    ['a rule that may not', () => why('region-lost', {}, allowed({ withoutApproval: false })), /no rule "region-lost"/],
    ['a region that may be there', () => why('region-lost', { fromUnreachable: null }), /not certain that a/],
    ['a standby that may be none', () => why('region-lost', { standbyReady: null }), /not certain that the standby/],
    ['corruption', () => why('region-lost', { measures: { dataCorrupted: true } }), /corrupt/],
    ['a loss beyond the objective', () => why('region-lost', { expectedDataLossSeconds: 11 }), /11 s of writes/],
  ])('is refused to %s', (_, ask, reason) => {
    expect(ask()).toMatch(reason);
  });

  test('is granted to the rule that may', () => {
    expect(why('region-lost')).toBeNull();
  });
});

describe('an unanswered gate', () => {
  test('climbs the path of escalation on its timers, and stops when somebody decides', async () => {
    const plan = planFor(teei);
    const { report } = await run(plan, async () => {
      await statusWhen(recoveryOf(plan), gateOpen('approve'));
      await letPass(env, '12m');
      await rejecting(plan)();
    });
    const climbed = report.timeline.filter(({ text }) => /is brought in/.test(text));
    expect(climbed.map(({ text }) => text.match(/: (\S+) is/)?.[1])).toEqual(['sre-manager', 'vp-engineering']);
    const opened = Date.parse(report.phases.find(({ name }) => name === 'approve')?.startedAt ?? '');
    const minutes = climbed.map(({ at }) => Math.round((Date.parse(at) - opened) / 60_000));
    expect(minutes).toEqual([5, 10]);
    const told = report.notifications.filter(({ kind }) => kind === 'escalation').map(({ roles }) => roles);
    expect(told).toEqual(expect.arrayContaining([['sre-manager'], ['vp-engineering']]));
  });

  test('reaches its end: the last one is brought in before the gate expires', async () => {
    const failover = teei.scenarios['region-failover'] as Scenario;
    // Between two looks of the incident, which its end calls off.
    const scenario = { ...failover, gate: { ...failover.gate, expires: '1830s' } };
    const plan = { ...planFor(teei), scenarios: { ...teei.scenarios, 'region-failover': scenario } };
    const { report } = await run(plan, nobody);
    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('nobody decided') });
    const roles = report.timeline.flatMap(({ text }) => text.match(/: (\S+) is brought in/)?.[1] ?? []);
    expect(roles).toEqual(['sre-manager', 'vp-engineering', 'cto']);
  });
});
