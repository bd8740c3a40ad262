import { localTime } from '../../../plan/authority.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Notice, Report } from '../../../plan/report.ts';
import type { Authority } from '../../../plan/schema.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { createFakes } from '../../support/workflows/fakes.ts';
import {
  decide,
  gateOpen,
  letPass,
  type Recovering,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const MINUTE_MS = 60_000;
const TEAM = ['on-call-sre', 'vp-engineering'];
const RULES: Authority['rules'] = [
  { when: 'business-hours', require: TEAM },
  { when: 'other-hours', require: ['on-call-sre'], notify: { roles: ['executives'], within: '30m' } },
];

interface Hours {
  timeZone?: string;
  from: string;
  to: string;
}

/** TEEI's rules with hours of the test's own on every day, and a gate that stays open past their change. */
function withHours({ timeZone = 'UTC', from, to }: Hours, rules = RULES): RecoveryPlan {
  const scenario = plan.scenarios['region-failover'];
  if (scenario === undefined) throw new Error('no region failover');
  const days: Authority['businessHours']['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  return {
    ...plan,
    authority: { ...plan.authority, timeZone, businessHours: { days, from, to, holidays: [] }, rules },
    scenarios: { 'region-failover': { ...scenario, gate: { ...scenario.gate, expires: '2h' } } },
  };
}

/** The time of day in UTC, so many minutes from now. */
async function clockIn(minutes: number): Promise<string> {
  return localTime('UTC', new Date((await env.currentTimeMs()) + minutes * MINUTE_MS)).time;
}

const asksFor = (roles: string[]) => (status: RecoveryStatus) =>
  JSON.stringify(status.gates[0]?.requiredRoles) === JSON.stringify(roles);

const approveAs = (recovering: Recovering, identity: string) =>
  decide(env, recovering, gateOpen('approve'), { verb: 'approve', target: 'approve', identity });

const told = ({ notifications }: Report, kind: Notice['kind']) =>
  notifications.filter((each) => each.kind === kind).map(({ roles }) => roles);

const tally = ({ approvals }: Report) => approvals.map(({ identity, accepted }) => [identity, accepted]);

test('a gate that opened at night asks for both people once business hours begin, and asks them then', async () => {
  const hours = { from: await clockIn(10), to: await clockIn(300) };
  const report = await withWorkers(env, createFakes(), async () => {
    const recovering = await startFailover(env, withHours(hours));
    await statusWhen(recovering, asksFor(['on-call-sre']));
    await letPass(env, '11m');
    const { summary, timeline } = await statusWhen(recovering, asksFor(TEAM));
    expect(summary).toMatch(/Waiting for on-call-sre and vp-engineering\.$/);
    const changed = 'the hours have changed: "approve" asks for on-call-sre and vp-engineering now';
    expect(timeline.map(({ text }) => text)).toContain(changed);
    const alone = await approveAs(recovering, 'sre@lab.test');
    expect(alone).toMatchObject({ accepted: true, detail: expect.stringMatching(/still wanted: vp-engineering$/) });
    expect((await statusWhen(recovering, gateOpen('approve'))).gates).toHaveLength(1);
    await approveAs(recovering, 'vp@lab.test');
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
  expect(told(report, 'gate')).toEqual([['on-call-sre'], ['vp-engineering']]);
  // The rule under which it opened wants them told, whoever approves in the end.
  expect(told(report, 'authority')).toEqual([['executives']]);
});

test('a gate that opened by day does not come to ask for less in the evening; what was given by day counts', async () => {
  const hours = { from: await clockIn(-300), to: await clockIn(10) };
  const report = await withWorkers(env, createFakes(), async () => {
    const recovering = await startFailover(env, withHours(hours));
    await statusWhen(recovering, asksFor(TEAM));
    await approveAs(recovering, 'sre@lab.test');
    await letPass(env, '11m');
    await approveAs(recovering, 'sre@lab.test');
    const [gate] = (await statusWhen(recovering, asksFor(TEAM))).gates;
    expect(gate?.given).toEqual([{ role: 'on-call-sre', identity: 'sre@lab.test' }]);
    await approveAs(recovering, 'vp@lab.test');
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
  expect(tally(report)).toEqual([
    ['sre@lab.test', true],
    ['sre@lab.test', true],
    ['vp@lab.test', true],
  ]);
  // It was decided at night.
  expect(told(report, 'authority')).toEqual([['executives']]);
});

test('a drill of which the plan asks no approval starts without, and says so', async () => {
  const waived: Authority['rules'] = [{ when: 'always', mode: 'drill', require: [] }, ...RULES];
  const hours = { from: await clockIn(-60), to: await clockIn(300) };
  const report = await withWorkers(env, createFakes(), async () =>
    (await startFailover(env, withHours(hours, waived))).result(),
  );
  expect(report).toMatchObject({ mode: 'drill', outcome: 'recovered', recoveryTime: { humanSeconds: 0 } });
  expect(report.approvals).toMatchObject([
    { identity: null, accepted: true, detail: 'started without approval, which the plan asks of no such drill' },
  ]);
  expect(told(report, 'gate')).toEqual([]);
});

test('a live recovery by the same plan asks', async () => {
  const waived: Authority['rules'] = [{ when: 'always', mode: 'drill', require: [] }, ...RULES];
  const hours = { from: await clockIn(-60), to: await clockIn(300) };
  const report = await withWorkers(env, createFakes(), async () => {
    const recovering = await startFailover(env, { ...withHours(hours, waived), mode: 'live' });
    await decide(env, recovering, asksFor(TEAM), { verb: 'reject', target: 'approve' });
    return await recovering.result();
  });
  expect(report.outcome).toBe('refused');
});

test('a rule for one scenario decides on that one', async () => {
  const rules: Authority['rules'] = [
    { when: 'always', scenarios: ['switchover'], require: ['on-call-sre'] },
    { when: 'always', scenarios: ['region-failover'], require: ['vp-engineering'] },
    { when: 'always', require: TEAM },
  ];
  const hours = { from: await clockIn(-60), to: await clockIn(300) };
  const report = await withWorkers(env, createFakes(), async () => {
    const recovering = await startFailover(env, withHours(hours, rules));
    await statusWhen(recovering, asksFor(['vp-engineering']));
    expect(await approveAs(recovering, 'sre@lab.test')).toMatchObject({ accepted: false });
    await approveAs(recovering, 'vp@lab.test');
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
});

const ZONE = 'America/New_York';
const HOUR_MS = 60 * MINUTE_MS;

/** When the clocks of the zone go forward next, at two in the morning. */
function clocksGoForward(afterMs: number): number {
  const hourAt = (ms: number) => Number(localTime(ZONE, new Date(ms)).time.slice(0, 2));
  let ms = Math.ceil(afterMs / HOUR_MS) * HOUR_MS;
  while (hourAt(ms - 1) !== 1 || hourAt(ms) !== 3) ms += HOUR_MS;
  return ms;
}

// Last: it takes the server's clock into next spring.
test('in the night in which the clocks go forward, the hours begin when the clock on the wall says so', async () => {
  const nowMs = await env.currentTimeMs();
  await env.sleep(clocksGoForward(nowMs + HOUR_MS) - 20 * MINUTE_MS - nowMs);
  const report = await withWorkers(env, createFakes(), async () => {
    // 01:40. Ten past three is thirty minutes away: the hour between is not there.
    const recovering = await startFailover(env, withHours({ timeZone: ZONE, from: '03:10', to: '17:00' }));
    await statusWhen(recovering, asksFor(['on-call-sre']));
    await letPass(env, '25m');
    await statusWhen(recovering, asksFor(['on-call-sre']));
    await letPass(env, '6m');
    await statusWhen(recovering, asksFor(TEAM));
    const alone = await approveAs(recovering, 'sre@lab.test');
    expect(alone.detail).toMatch(/still wanted: vp-engineering$/);
    await approveAs(recovering, 'vp@lab.test');
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
});
