import type { Activities, LastRecovery } from '../../../activities/contract.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { IncidentRecord } from '../../../plan/report.ts';
import { EVENTS_PER_RUN, type IncidentStatus, recoveryId } from '../../../workflows/incident-messages.ts';
import { catcher } from '../../support/workflows/catcher.ts';
import {
  broken,
  createFakes,
  deadRegion,
  hold,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import {
  decide,
  gateOpen,
  letPass,
  type Recovering,
  stage,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';
import {
  alert,
  freshAlert,
  incidentStatus,
  incidentWhen,
  planFor,
  raise,
  say,
  unhurried,
  withRule,
} from '../../support/workflows/incidents.ts';
import { forPeople, incidentOf, RULE } from '../../support/workflows/matter.ts';

const { env, plan: teei } = await stage();

const MINUTE_MS = 60_000;
const recoveryOf = (plan: RecoveryPlan) => env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering;

const fresh = () => freshAlert(env);

const escalations = ({ notifications }: Pick<IncidentStatus, 'notifications'>) =>
  notifications.filter(({ kind }) => kind === 'escalation');

describe('a question that nobody answers', () => {
  const ladder = (plan: RecoveryPlan) => ({
    ...plan,
    authority: { ...plan.authority, escalate: ['on-call-sre', 'sre-manager', 'cto'], escalateEvery: '5m' },
  });

  test('climbs the path of escalation, a step at a time, and all of them hear of the end', async () => {
    const { caught, notify } = catcher();
    const first = await fresh();
    const plan = forPeople(ladder(teei));
    const fakes = createFakes({ notify });
    const status = await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [first]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      await env.sleep('4m');
      expect(caught.filter(({ notice }) => notice.kind === 'escalation')).toEqual([]);
      await letPass(env, '20m');
      await incidentWhen(open, (seen) => escalations(seen).length >= 2);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      return await open.result();
    });
    const climbed = escalations(status);
    expect(climbed.map(({ roles }) => roles)).toEqual([['sre-manager'], ['cto']]);
    const since = Date.parse(status.timeline.find(({ text }) => text.startsWith('people are asked'))?.at ?? '');
    expect(climbed.map(({ at }) => Math.floor((Date.parse(at) - since) / MINUTE_MS))).toEqual([5, 10]);
    const end = status.notifications.filter(({ kind }) => kind === 'finished').flatMap(({ roles }) => roles);
    expect(end).toEqual(expect.arrayContaining(['on-call-sre', 'sre-manager', 'cto']));
  });

  test('is put to those whom a rule of authority names for what is to be done by hand, and climbs past them', async () => {
    const { caught, notify } = catcher();
    const first = await fresh();
    const { authority } = teei;
    const rule = { when: 'always' as const, scenarios: ['restore' as const], require: ['on-call-sre', 'sre-manager'] };
    const strict = ladder({ ...teei, authority: { ...authority, rules: [rule, ...authority.rules] } });
    const plan = withRule(forPeople(strict), RULE, { action: 'restore' });
    const status = await withWorkers(env, createFakes({ notify }), async () => {
      const open = await raise(env, plan, [first]);
      await incidentWhen(open, ({ verdict }) => verdict?.byHand === 'restore');
      await letPass(env, '12m');
      await incidentWhen(open, (seen) => escalations(seen).length > 0);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      return await open.result();
    });
    const question = status.notifications.find(({ kind }) => kind === 'gate');
    expect(question?.roles).toEqual(['on-call-sre', 'sre-manager']);
    const [page] = caught.filter(({ notice }) => notice.kind === 'gate');
    expect(page?.notice.text).toContain('waiting for a decision from on-call-sre and sre-manager');
    expect(escalations(status).map(({ roles }) => roles)).toEqual([['cto']]);
  });

  test('climbs no further once it is answered by an override', async () => {
    const { notify } = catcher();
    const plan = forPeople(ladder(teei));
    await withWorkers(env, createFakes({ notify }), async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      const { decisions } = await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      const action = decisions.find((each) => each.action.startsWith('override: region-failover'))?.action ?? '';
      await say(env, open, { verb: 'override', change: { action } });
      await incidentWhen(open, ({ summary }) => /under way/.test(summary));
      await letPass(env, '12m');
      expect(escalations(await incidentStatus(open))).toEqual([]);
      await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
      await recoveryOf(plan).result();
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
      await say(env, open, { verb: 'acknowledge' });
      await open.result();
    });
  });

  test('goes on climbing in the runs that follow', async () => {
    const { notify } = catcher();
    const plan = forPeople(ladder(teei));
    const runs = new Set<string>();
    const status = await incidentOf(
      env,
      plan,
      notify,
      async (open) => {
        for (let at = 0; runs.size < 2 && at < 60; at += 1) {
          // News make it look again, so that its history grows.
          const startsAt = new Date(Date.UTC(2026, 5, 10, 11, at)).toISOString();
          await raise(env, plan, [alert({ fingerprint: `f${at}`, startsAt })]);
          await letPass(env, '4s');
          runs.add((await open.describe()).runId);
        }
        expect(runs.size).toBe(2);
        await letPass(env, '12m');
        const firing = (await incidentStatus(open)).alerts.filter(({ status: state }) => state === 'firing');
        await raise(
          env,
          plan,
          firing.map((each) => ({ ...each, status: 'resolved' as const })),
        );
      },
      EVENTS_PER_RUN,
    );
    const climbed = escalations(status);
    expect(climbed.map(({ roles }) => roles)).toEqual([['sre-manager'], ['cto']]);
  }, 120_000);
});

describe('half of the objective', () => {
  const waiting = (plan: RecoveryPlan) => withRule(planFor(plan, { lookEvery: '30s' }), 'region-lost', { for: '4m' });

  test('gone without a recovery brings in everybody, counted from the first alert; the recovery does not repeat it', async () => {
    const { notify } = catcher();
    const plan = waiting(teei);
    await withWorkers(env, createFakes({ notify }), async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'wait');
      await letPass(env, '2m');
      expect(escalations(await incidentStatus(open))).toEqual([]);
      await letPass(env, '45s');
      const told = escalations(await incidentWhen(open, (status) => escalations(status).length > 0));
      expect(told.map(({ roles }) => roles)).toEqual([teei.authority.escalate]);
      const after = Date.parse(told[0]?.at ?? '') - Date.parse(first.startsAt);
      expect(after / 1_000).toBeGreaterThanOrEqual(150);
      expect(after / 1_000).toBeLessThan(200);
      await letPass(env, '90s');
      await incidentWhen(open, ({ summary }) => /under way/.test(summary));
      await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
      const { notifications } = await recoveryOf(plan).result();
      expect(notifications.filter(({ subject }) => /: escalation$/.test(subject))).toEqual([]);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
      await say(env, open, { verb: 'acknowledge' });
      await open.result();
    });
  });

  test('counts nothing while clients are served', async () => {
    const { notify } = catcher();
    const plan = withRule(planFor(teei), 'standby-behind', { over: '5m', atMost: '60m' });
    const behind = { ...standbyRegion, replayAgeSeconds: 600 };
    const observe: Activities['observe'] = async ({ vantage }) => ({
      ...vantageFacts(vantage, [servingRegion, behind]),
      lease: null,
    });
    await withWorkers(env, createFakes({ notify, observe }), async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'wait');
      await letPass(env, '10m');
      expect(escalations(await incidentStatus(open))).toEqual([]);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await open.result();
    });
  });
});

describe('a recovery that the incident did not start', () => {
  const ended = (change = {}): LastRecovery['ended'] => ({
    at: new Date(Date.now()).toISOString(),
    outcome: 'recovered',
    reason: 'serves',
    serves: { from: 'us-east-1', to: 'eu-central-1' },
    acknowledged: false,
    ...change,
  });

  /** The first verdict of an incident whose system had this recovery before. */
  async function firstAfter(end: LastRecovery['ended']) {
    const plan = planFor(teei, { blockFor: '1h' });
    const last = { runId: 'run-1', type: 'regionFailover', startedAt: new Date(0).toISOString(), ended: end };
    const fakes = createFakes({ lastRecovery: async () => last });
    return await withWorkers(env, fakes, async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      const seen = await incidentWhen(
        open,
        ({ verdict, summary }) => verdict?.action === 'ask-human' || /under way/.test(summary),
      );
      if (/under way/.test(seen.summary)) {
        await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
        await incidentWhen(open, ({ recoveries }) => recoveries.some(({ outcome }) => outcome === 'refused'));
      }
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      const { decisions } = await incidentWhen(open, ({ counts }) => counts.firing === 0);
      if (decisions.some(({ verb }) => verb === 'acknowledge')) await say(env, open, { verb: 'acknowledge' });
      await open.result();
      return seen;
    });
  }

  test('and that ended a short while before it blocks the next one', async () => {
    const at = new Date(await env.currentTimeMs()).toISOString();
    expect((await firstAfter(ended({ at }))).verdict).toMatchObject({ action: 'ask-human', rule: 'anti-flapping' });
  });

  test.each([
    ['acknowledged in another incident', { acknowledged: true }, 0],
    ['long ago', {}, 61 * MINUTE_MS],
  ])('and that was %s does not', async (_, change, agoMs) => {
    const at = new Date((await env.currentTimeMs()) - agoMs).toISOString();
    expect((await firstAfter(ended({ at, ...change }))).verdict).toMatchObject({ action: 'region-failover' });
  });

  test('and that runs when it opens is accompanied, and its end is looked up when nobody tells it', async () => {
    const plan = planFor(teei, { blockFor: '1h' });
    const last: LastRecovery = {
      runId: 'run-1',
      type: 'switchover',
      startedAt: new Date(0).toISOString(),
      ended: null,
    };
    let now = last;
    const fakes = createFakes({ lastRecovery: async () => now });
    await withWorkers(env, fakes, async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      const status = await incidentWhen(open, ({ summary }) => summary === 'switchover is under way');
      expect(status.verdict).toBeNull();
      now = { ...last, ended: ended({ at: new Date(await env.currentTimeMs()).toISOString(), outcome: 'aborted' }) };
      await letPass(env, '61s');
      const { recoveries } = await incidentWhen(open, (seen) => seen.recoveries.length > 0);
      expect(recoveries).toMatchObject([{ id: `${recoveryId(plan.system)}/run-1`, outcome: 'aborted' }]);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await incidentWhen(open, ({ counts }) => counts.firing === 0);
      await say(env, open, { verb: 'acknowledge' });
      await open.result();
    });
  });

  test('and that is started by hand is known from its first word to its last', async () => {
    const plan = forPeople(teei);
    await withWorkers(env, createFakes(), async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      const byHand = (await env.client.workflow.start('regionFailover', {
        workflowId: recoveryId(plan.system),
        taskQueue: 'lifeboat',
        args: [
          {
            plan: hold(plan),
            scenario: 'region-failover',
            from: 'us-east-1',
            to: 'eu-central-1',
            detectedAt: new Date(await env.currentTimeMs()).toISOString(),
            trigger: 'a test',
          },
        ],
      })) as unknown as Recovering;
      await incidentWhen(open, ({ summary }) => summary === 'region-failover is under way');
      await statusWhen(byHand, gateOpen('approve'));
      await decide(env, byHand, gateOpen('approve'), { verb: 'reject', target: 'approve' });
      await byHand.result();
      const blocked = await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
      expect(blocked.blockedUntil).not.toBeNull();
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await incidentWhen(open, ({ counts }) => counts.firing === 0);
      await say(env, open, { verb: 'acknowledge' });
      await open.result();
    });
  });
});

test('a lost region that is lost to one vantage point alone starts nothing', async () => {
  const observe: Activities['observe'] = async ({ vantage }) => {
    if (vantage === 'third-place') throw broken('no network');
    return vantageFacts(vantage, [deadRegion, standbyRegion]);
  };
  const plan = unhurried(planFor(teei, { unknownFor: '5m' }));
  await withWorkers(env, createFakes({ observe }), async () => {
    const first = await fresh();
    const open = await raise(env, plan, [first]);
    const { verdict } = await incidentWhen(open, (status) => status.verdict !== null);
    expect(verdict).toMatchObject({ action: 'wait', rule: 'facts-unknown' });
    expect(verdict?.reason).toContain('only eu-central-1 could look');
    await letPass(env, '6m');
    const asked = await incidentWhen(open, (status) => status.verdict?.action === 'ask-human');
    expect(asked.recovery).toBeNull();
    expect(asked.timeline.filter(({ text }) => text.startsWith('third-place could not look')).length).toBeLessThan(4);
    await raise(env, plan, [{ ...first, status: 'resolved' }]);
    await open.result();
  });
});

// Last: the test server's clock stops for good when many runs of an incident are spoken to.
describe('the record', () => {
  const forged = { verb: 'override' as const, change: { reason: 'let me in' }, signature: 'forged' };

  /** An incident to which sixty forgeries are sent, and then a signed word. */
  async function spokenTo(store: (record: IncidentRecord) => Promise<void>) {
    const { notify } = catcher();
    const plan = forPeople(teei);
    const parts: IncidentRecord[] = [];
    const fakes = createFakes({
      notify,
      storeIncident: async ({ record }) => {
        await store(record);
        parts.push(record);
        return { location: 's3://lifeboat/evidence' };
      },
    });
    const status = await withWorkers(env, fakes, async () => {
      const first = await fresh();
      const open = await raise(env, plan, [first], { eventsPerRun: EVENTS_PER_RUN });
      const { decisions } = await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      const action = decisions.find((each) => each.action.startsWith('override: region-failover'))?.action ?? '';
      await say(env, open, { verb: 'override', change: { action } });
      await incidentWhen(open, ({ summary }) => /under way/.test(summary));
      await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
      await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
      for (let at = 0; at < 60; at += 1) await say(env, open, forged);
      await raise(env, plan, [{ ...first, status: 'resolved' }]);
      await incidentWhen(open, ({ counts }) => counts.firing === 0);
      await say(env, open, { verb: 'acknowledge' });
      return await open.result();
    });
    return { status, parts };
  }

  const nobody = ({ identity }: { identity: string | null }) => identity === null;

  test('has every attempt, whatever is forgotten from run to run; what was accepted is never forgotten', async () => {
    const { status, parts } = await spokenTo(async () => {});
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index + 1));
    const all = new Map(parts.flatMap(({ approvals }) => approvals).map((each) => [`${each.at} ${each.detail}`, each]));
    expect([...all.values()].filter(({ accepted }) => accepted).map(({ verb }) => verb)).toEqual([
      'override',
      'reject',
      'acknowledge',
    ]);
    const refused = status.approvals.filter(nobody).length + status.refusedBefore;
    expect(refused).toBe(60);
    const onRecord = new Set(parts.flatMap(({ approvals }) => approvals.filter(nobody).map(({ at }) => at)));
    expect(onRecord.size).toBe(60);
    expect(status.approvals.filter(({ accepted }) => accepted)).toHaveLength(3);
    expect(status.approvals.filter(nobody).length).toBeLessThanOrEqual(60);
    expect(parts.at(-1)).toMatchObject({ approvalsNotKept: 0, notifications: status.notifications });
  }, 120_000);

  test('is kept by the incident while it cannot be stored', async () => {
    const { status, parts } = await spokenTo(async () => {
      throw broken('the bucket is gone');
    });
    expect(parts).toEqual([]);
    expect(status.approvals.filter(nobody)).toHaveLength(60);
    expect(status.refusedBefore).toBe(0);
    expect(status.timeline.some(({ text }) => /could not be stored/.test(text))).toBe(true);
  }, 120_000);
});
