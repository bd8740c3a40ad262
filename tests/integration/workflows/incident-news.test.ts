import type { Activities } from '../../../activities/contract.ts';
import { Communication } from '../../../plan/communication.ts';
import type { Measures, RegionFacts } from '../../../plan/facts.ts';
import { EVENTS_PER_RUN, type IncidentStatus } from '../../../workflows/incident-messages.ts';
import { catcher, notDelivered } from '../../support/workflows/catcher.ts';
import { createFakes, deadRegion, servingRegion, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import { letPass, stage, withWorkers } from '../../support/workflows/harness.ts';
import { alert, incidentStatus, incidentWhen, planFor, raise, withRule } from '../../support/workflows/incidents.ts';
import { forPeople, incidentOf } from '../../support/workflows/matter.ts';

const { env, plan: teei } = await stage();

const MINUTE_MS = 60_000;
const asked = ({ notifications }: IncidentStatus) => notifications.some(({ kind }) => kind === 'gate');

test('the first of the path of escalation is asked, in the words of the plan and by its deadline, and hears of the end', async () => {
  const { caught, notify } = catcher();
  const status = await incidentOf(env, forPeople(teei), notify, (open) => incidentWhen(open, asked));
  const paged = caught.filter(({ channel }) => channel === 'on-call');
  expect(paged.map(({ channel, notice }) => [channel, notice.kind, notice.stage])).toEqual([
    ['on-call', 'gate', 'investigating'],
    ['on-call', 'finished', 'resolved'],
  ]);
  const [question] = paged;
  expect(question?.notice.subject).toBe(`DRILL [incident] ${status.system}: decision wanted (region-lost)`);
  for (const words of [
    'database-failover is called for, and the plan has no scenario for it',
    'Known: us-east-1 is unreachable from everywhere',
    'Action: none automatic; waiting for a decision from on-call-sre',
    'Commander: on-call-sre (sre@lab.test, both@lab.test)',
  ]) {
    expect(question?.notice.text).toContain(words);
  }
  const told = status.notifications.filter(({ delivered }) => delivered.includes('on-call'));
  expect(told).toMatchObject([
    { kind: 'gate', roles: ['on-call-sre'], delivered: ['on-call'], onTime: true, dueAt: expect.any(String) },
    { kind: 'finished', onTime: null },
  ]);
});

test('a page that comes late is recorded as late, and it is said at the minute', async () => {
  const { notify } = catcher((_, { kind }, times) => {
    if (kind === 'gate' && times === 1) throw notDelivered(3 * MINUTE_MS);
  });
  const status = await incidentOf(env, forPeople(teei), notify, async (open) => {
    await env.sleep('2m');
    const { undelivered } = await incidentStatus(open);
    expect(undelivered).toMatchObject([{ notice: { kind: 'gate', roles: ['on-call-sre'] } }]);
    await letPass(env, '2m');
    await incidentWhen(open, asked);
  });
  const page = status.notifications.find(({ kind }) => kind === 'gate');
  expect(page).toMatchObject({ delivered: ['on-call'], onTime: false });
  const [late] = status.timeline.filter(({ text }) => text.startsWith('late: on-call-sre'));
  const afterMs = Date.parse(late?.at ?? '') - Date.parse(page?.dueAt ?? '');
  expect(afterMs).toBeGreaterThanOrEqual(-1);
  expect(afterMs).toBeLessThan(30_000);
});

describe("TEEI's plan, as it is", () => {
  /** What was told before any recovery has started, by the rule that decides at the first look. */
  async function toldOf(regions: RegionFacts[], measures?: Measures) {
    const { caught, notify } = catcher();
    const plan = ['region-lost', 'service-down'].reduce(
      (each, rule) => withRule(each, rule, { for: '5m' }),
      planFor(teei),
    );
    const observe: Activities['observe'] = async ({ vantage }) => ({
      ...vantageFacts(vantage, regions),
      ...(measures && { measures }),
    });
    const fakes = createFakes({ notify, observe });
    const status = await withWorkers(env, fakes, async () => {
      const startsAt = new Date(await env.currentTimeMs()).toISOString();
      const open = await raise(env, plan, [alert({ startsAt })]);
      await incidentWhen(open, ({ verdict, undelivered }) => verdict !== null && undelivered.length === 0);
      await letPass(env, '15s');
      const seen = await incidentStatus(open);
      await raise(env, plan, [alert({ startsAt, status: 'resolved' })]);
      await open.result();
      return seen;
    });
    const started = caught.filter(({ notice }) => notice.kind === 'started' || notice.kind === 'gate');
    return { verdict: status.verdict, told: started.map(({ channel }) => channel).toSorted(), status };
  }
  const unserved = { ...servingRegion, serviceReachable: false };
  const behind = { ...standbyRegion, replayAgeSeconds: 4_000 };
  const corrupt = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: true };
  const outage = ['on-call', 'sre-incidents', 'status-page'];

  test.each<[string, RegionFacts[], Measures | undefined, object, string[]]>([
    [
      'a lost region, while it waits',
      [deadRegion, standbyRegion],
      undefined,
      { action: 'wait', rule: 'region-lost' },
      outage,
    ],
    ['a service that is down', [unserved, standbyRegion], undefined, { action: 'wait', rule: 'service-down' }, outage],
    ['corrupt data', [servingRegion, standbyRegion], corrupt, { action: 'ask-human', rule: 'corrupt-data' }, outage],
    [
      'a standby that is behind',
      [servingRegion, behind],
      undefined,
      { action: 'wait', rule: 'standby-behind' },
      ['sre-incidents'],
    ],
  ])('tells the right people of %s, once and in time', async (_, regions, measures, verdict, channels) => {
    const { verdict: found, told, status } = await toldOf(regions, measures);
    expect(found).toMatchObject(verdict);
    expect(told).toEqual(channels);
    expect(status.notifications.filter(({ onTime }) => onTime === false)).toEqual([]);
  });
});

describe('a level that names the rule', () => {
  const communication = Communication.parse({
    commander: 'on-call-sre',
    outsiders: ['customers'],
    levels: [
      {
        name: 'level-2',
        title: 'Service outage',
        severity: 'error',
        rules: ['region-lost'],
        start: [
          { roles: ['on-call-sre', 'sre-team'], within: '1m' },
          { roles: ['customers'], within: '5m' },
        ],
        updates: [{ roles: ['sre-team'], every: '10m' }],
        end: [{ roles: ['engineering'], within: '1h' }],
      },
      { name: 'rest', title: 'Anything else', severity: 'critical' },
    ],
  });

  test('tells its people in time, gives them news, and tells all of them when it is over', async () => {
    const { caught, notify } = catcher();
    const status = await incidentOf(env, forPeople(teei, { communication }), notify, async (open) => {
      await letPass(env, '25m');
      await incidentWhen(
        open,
        ({ notifications }) => notifications.filter(({ kind }) => kind === 'update').length === 2,
      );
    });
    const told = (kind: string) => caught.filter(({ notice }) => notice.kind === kind).map(({ channel }) => channel);
    expect(told('gate')).toEqual(['on-call']);
    expect(told('started').toSorted()).toEqual(['sre-incidents', 'status-page']);
    expect(told('authority')).toEqual(['executives']);
    // Nobody has decided for so long that the path of escalation has been climbed.
    const ends = ['engineering', 'executives', 'leadership', 'on-call', 'sre-incidents', 'status-page'];
    expect(told('finished').toSorted()).toEqual(ends);
    // Records stand in the order in which deliveries ended; the question is due a minute from the start.
    const recordsOf = (kind: string) => status.notifications.filter((each) => each.kind === kind);
    const since = Date.parse(recordsOf('gate')[0]?.dueAt ?? '') - MINUTE_MS;
    const minutes = (time: string | null) => (Date.parse(time ?? '') - since) / MINUTE_MS;
    const due = recordsOf('started').map(({ roles, dueAt }) => [roles.join(), minutes(dueAt)]);
    expect(Object.fromEntries(due)).toEqual({ 'sre-team': 1, customers: 5 });
    expect(recordsOf('authority').map(({ dueAt, onTime }) => [minutes(dueAt), onTime])).toEqual([[30, true]]);
    expect(recordsOf('update').map(({ at }) => Math.floor(minutes(at)))).toEqual([10, 20]);
    expect(status.notifications.filter(({ onTime }) => onTime === false)).toEqual([]);
    const [outside] = caught.filter(({ channel }) => channel === 'status-page');
    expect(`${outside?.notice.subject} ${outside?.notice.text}`).not.toMatch(/us-east-1|on-call|rule/);
    expect(outside?.notice.severity).toBe('error');
  });

  test('tells nobody but who is asked, and whom the authority names for this hour, of what no level names', async () => {
    const { caught, notify } = catcher();
    const elsewhere = { ...communication, levels: communication.levels.map((level) => ({ ...level, rules: [] })) };
    await incidentOf(env, forPeople(teei, { communication: elsewhere }), notify, (open) => incidentWhen(open, asked));
    expect(new Set(caught.map(({ channel }) => channel))).toEqual(new Set(['on-call', 'executives']));
  });
});

test('a channel that is out keeps nobody from looking, and its message goes on in the runs that follow', async () => {
  const { caught, notify } = catcher((_, { kind }, times) => {
    if (kind === 'gate' && times < 30) throw notDelivered(10_000);
  });
  const runs = new Set<string>();
  const plan = forPeople(teei);
  const status = await incidentOf(
    env,
    plan,
    notify,
    async (open, fakes) => {
      for (let at = 0; runs.size < 2 && at < 60; at += 1) {
        // News make it look again, so that its history grows.
        await raise(env, plan, [
          alert({ fingerprint: `news-${at}`, startsAt: new Date(Date.UTC(2026, 5, 10, 11, at)).toISOString() }),
        ]);
        await letPass(env, '4s');
        runs.add((await open.describe()).runId);
      }
      expect(runs.size).toBe(2);
      const looks = fakes.calls.filter((call) => call === 'observe').length;
      await letPass(env, '5m');
      expect(fakes.calls.filter((call) => call === 'observe').length).toBeGreaterThan(looks);
      await incidentWhen(open, asked);
      // The first alert fires on: with the last one the incident ends, and another would begin.
      const news = (await incidentStatus(open)).alerts.filter(({ fingerprint }) => fingerprint !== alert().fingerprint);
      await raise(
        env,
        plan,
        news.map((each) => ({ ...each, status: 'resolved' as const })),
      );
    },
    EVENTS_PER_RUN,
  );
  expect(caught.filter(({ notice }) => notice.kind === 'gate')).toHaveLength(1);
  const questions = status.notifications.filter(({ kind }) => kind === 'gate');
  expect(questions).toMatchObject([{ delivered: ['on-call'], onTime: false }]);
}, 120_000);
