import { Communication } from '../../../plan/communication.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Notice, Report } from '../../../plan/report.ts';
import type { Authority } from '../../../plan/schema.ts';
import type { lateNotices } from '../../../workflows/late-notices.ts';
import type { recover } from '../../../workflows/recovery/recover.ts';
import { eventually } from '../../support/workers/recoveries.ts';
import { catcher, notDelivered } from '../../support/workflows/catcher.ts';
import { broken, createFakes } from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  letPass,
  phasePaused,
  stage,
  startFailover,
  startScenario,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const MINUTE_MS = 60_000;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Works as TEEI does, at an hour that is no business hour. */
async function atNight(): Promise<Authority> {
  const workday = DAYS[(new Date(await env.currentTimeMs()).getUTCDay() + 3) % 7] ?? 'mon';
  return {
    ...plan.authority,
    businessHours: { ...plan.authority.businessHours, days: [workday] },
    rules: [
      { when: 'business-hours', require: ['on-call-sre', 'vp-engineering'] },
      { when: 'other-hours', require: ['on-call-sre'], notify: { roles: ['executives'], within: '30m' } },
    ],
  };
}

/** The plan with time to stay open: it does not roll back for taking long. */
function unhurried(): RecoveryPlan['scenarios'] {
  const scenario = plan.scenarios['region-failover'];
  if (scenario === undefined) throw new Error('no region failover');
  const { recoveryTime: _, ...rollback } = scenario.rollback;
  return { 'region-failover': { ...scenario, rollback } };
}

const recordsOf = (report: Report, kind: Notice['kind']) => report.notifications.filter((each) => each.kind === kind);

/** A recovery that stays paused for a while, in which executives hear of the approval only at a second try. */
async function withExecutivesToldAfter(minutes: number): Promise<Report> {
  const { notify } = catcher((channel, { kind }, times) => {
    if (channel === 'executives' && kind === 'authority' && times === 1) throw notDelivered(minutes * MINUTE_MS);
  });
  const fakes = createFakes({ notify, invalidateCdn: async () => Promise.reject(broken('access denied')) });
  return await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, { ...plan, authority: await atNight(), scenarios: unhurried() });
    await approve(env, recovering);
    await statusWhen(recovering, phasePaused('invalidate-cdn'));
    await letPass(env, '44m');
    await decide(env, recovering, phasePaused('invalidate-cdn'), { verb: 'skip', target: 'invalidate-cdn' });
    return await recovering.result();
  });
}

describe('at night executives are told within 30 minutes', () => {
  test('in time, although the first try failed', async () => {
    const report = await withExecutivesToldAfter(20);
    const [record] = recordsOf(report, 'authority');
    expect(record).toMatchObject({ roles: ['executives'], delivered: ['executives'], failed: [], onTime: true });
    const waited =
      Date.parse(record?.deliveries[0]?.deliveredAt ?? '') - (Date.parse(record?.dueAt ?? '') - 30 * MINUTE_MS);
    expect(waited).toBeGreaterThanOrEqual(20 * MINUTE_MS);
    expect(waited).toBeLessThan(21 * MINUTE_MS);
    expect(report.timeline.filter(({ text }) => text.startsWith('late'))).toEqual([]);
  });

  test('and when that cannot be kept it is said at that minute, tried on, and recorded as late', async () => {
    const report = await withExecutivesToldAfter(40);
    const [record] = recordsOf(report, 'authority');
    expect(record).toMatchObject({ delivered: ['executives'], onTime: false });
    expect(record?.deliveries).toMatchObject([{ channel: 'executives', onTime: false }]);
    const [late] = report.timeline.filter(({ text }) => text.startsWith('late: executives'));
    const afterMs = Date.parse(late?.at ?? '') - Date.parse(record?.dueAt ?? '');
    expect(afterMs).toBeGreaterThanOrEqual(-1);
    expect(afterMs).toBeLessThan(30_000);
  });
});

describe('news while a gate is open', () => {
  const communication = Communication.parse({
    commander: 'on-call-sre',
    outsiders: ['customers'],
    levels: [
      {
        name: 'p0',
        title: 'All is down',
        severity: 'critical',
        start: [{ roles: ['sre-team', 'customers'], within: '1m' }],
        updates: [
          { roles: ['sre-team'], every: '10m' },
          { roles: ['customers'], every: '25m' },
        ],
        end: [{ roles: ['engineering'], within: '1h' }],
      },
    ],
  });

  test('comes as often as the level says until the recovery ends, and says what is going on', async () => {
    const { caught, notify } = catcher();
    const report = await withWorkers(env, createFakes({ notify }), async () =>
      (await startFailover(env, { ...plan, communication })).result(),
    );
    expect(report.outcome).toBe('refused');
    const news = recordsOf(report, 'update').filter(({ roles }) => roles.includes('sre-team'));
    const minutes = news.map(({ at }) => (Date.parse(at) - Date.parse(report.startedAt)) / MINUTE_MS);
    expect(minutes.slice(0, 2).map(Math.floor)).toEqual([10, 20]);
    expect(minutes.length).toBeLessThanOrEqual(3);
    const [first] = caught.filter(({ channel, notice }) => channel === 'sre-incidents' && notice.kind === 'update');
    expect(first?.notice.subject).toBe('DRILL [p0] teei-csr: update');
    for (const words of [
      'Known: region-failover us-east-1 -> eu-central-1',
      'Action: waiting for on-call-sre at "approve" since',
      'Next update: 20',
      'Commander: on-call-sre (sre@lab.test, both@lab.test)',
    ]) {
      expect(first?.notice.text).toContain(words);
    }
  });

  test('tells people outside of start, news and end, in words of their own, and of nothing else', async () => {
    const { caught, notify } = catcher();
    await withWorkers(env, createFakes({ notify }), async () =>
      (await startFailover(env, { ...plan, communication })).result(),
    );
    const told = caught.filter(({ channel }) => channel === 'status-page').map(({ notice }) => notice);
    expect(told.map(({ kind, stage }) => [kind, stage])).toEqual([
      ['started', 'investigating'],
      ['update', 'investigating'],
      ['finished', 'investigating'],
    ]);
    for (const { subject, text } of told) {
      expect(subject + text).not.toMatch(/us-east-1|eu-central-1|on-call|lab\.test|gate|approve/);
    }
  });

  test('ends with the recovery, which is told as resolved', async () => {
    const { caught, notify } = catcher();
    const report = await withWorkers(env, createFakes({ notify }), async () => {
      const recovering = await startFailover(env, { ...plan, communication });
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(recordsOf(report, 'update')).toEqual([]);
    const ends = caught.filter(({ notice }) => notice.kind === 'finished');
    expect(new Set(ends.map(({ notice }) => notice.stage))).toEqual(new Set(['resolved']));
    expect(ends.map(({ channel }) => channel).toSorted()).toEqual(
      plan.notifications.map(({ name }) => name).toSorted(),
    );
    const [timed] = recordsOf(report, 'finished').filter(({ roles }) => roles.includes('engineering'));
    expect(timed).toMatchObject({ onTime: true, dueAt: expect.any(String) });
  });
});

/** What became, after the end, of the message that executives were to hear of the approval. */
async function lateOf(report: Report) {
  const [record] = recordsOf(report, 'authority');
  const late = env.client.workflow.getHandle<typeof lateNotices>(record?.deliveries[0]?.goesOnIn ?? '');
  return (await late.result()).find(({ kind }) => kind === 'authority');
}

describe('a channel that keeps failing', () => {
  test('holds nothing up; it is tried on after the end, then recorded as failed and late, and the others are told', async () => {
    const { notify } = catcher((channel) => {
      if (channel === 'executives') throw notDelivered();
    });
    const [report, late] = await withWorkers(env, createFakes({ notify }), async () => {
      const recovering = await startFailover(env, { ...plan, authority: await atNight() });
      await approve(env, recovering);
      const ended = await recovering.result();
      return [ended, await lateOf(ended)] as const;
    });
    expect(late).toMatchObject({ delivered: [], failed: ['executives'], onTime: false });
    expect(report.outcome).toBe('recovered');
    const [record] = recordsOf(report, 'authority');
    const goesOnIn = expect.stringContaining('late-notices/');
    expect(record).toMatchObject({ delivered: [], failed: [], onTime: null });
    expect(record?.deliveries).toMatchObject([{ deliveredAt: null, onTime: null, goesOnIn }]);
    const [end] = recordsOf(report, 'finished').filter(({ roles }) => roles.includes('executives'));
    expect(end).toMatchObject({ failed: [], delivered: expect.arrayContaining(['on-call', 'leadership']) });
    const recovered = report.phases.find(({ name }) => name === 'verify')?.finishedAt ?? '';
    expect(Date.parse(recovered) - Date.parse(report.startedAt)).toBeLessThan(MINUTE_MS);
    // The report waits for what is under way, and not for long.
    expect(Date.parse(report.finishedAt) - Date.parse(recovered)).toBeLessThan(10_000);
  });

  test('is tried on without the lock: a failback starts at once, and the message arrives when the channel does', async () => {
    let out = true;
    const { caught, notify } = catcher((channel) => {
      if (channel === 'executives' && out) throw notDelivered(1_000);
    });
    await withWorkers(env, createFakes({ notify }), async () => {
      const recovering = await startFailover(env, { ...plan, authority: await atNight() });
      await approve(env, recovering);
      const { workflowId, runId } = await statusWhen(recovering, ({ state }) => state === 'recovered');
      const failback = await eventually(() => startScenario(env, plan, 'failback', workflowId));
      const report = await env.client.workflow.getHandle<typeof recover>(workflowId, runId).result();
      out = false;
      expect(await lateOf(report)).toMatchObject({ delivered: ['executives'], failed: [], onTime: true });
      expect(caught).toContainEqual(expect.objectContaining({ channel: 'executives' }));
      expect(await failback.result()).toMatchObject({ scenario: 'failback' });
    });
  });

  test('and does not answer delays no decision', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { caught, notify } = catcher();
    const silent = async (request: Parameters<typeof notify>[0]) => {
      if (request.channel.name === 'on-call' && request.notice.kind === 'gate') await answered;
      return await notify(request);
    };
    await withWorkers(env, createFakes({ notify: silent }), async () => {
      const recovering = await startFailover(env, plan);
      expect(await approve(env, recovering)).toMatchObject({ accepted: true });
      await statusWhen(recovering, ({ state }) => state === 'recovered');
      expect(caught.filter(({ notice }) => notice.kind === 'gate')).toEqual([]);
      answer();
      return await recovering.result();
    });
  });

  test('for good is not tried again', async () => {
    let tries = 0;
    const { notify } = catcher((channel, { kind }) => {
      if (channel !== 'on-call' || kind !== 'gate') return;
      tries += 1;
      throw broken('there is no such service');
    });
    const report = await withWorkers(env, createFakes({ notify }), async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(tries).toBe(1);
    expect(recordsOf(report, 'gate')[0]?.deliveries).toMatchObject([
      { channel: 'on-call', deliveredAt: null, detail: 'NotReached: there is no such service' },
    ]);
  });
});
