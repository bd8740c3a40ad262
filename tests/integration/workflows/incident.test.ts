import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import { createFakes, deadRegion, type Fakes, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import {
  approve,
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
  incidentWhen,
  type OpenIncident,
  planFor,
  raise,
  say,
  withRule,
} from '../../support/workflows/incidents.ts';

const { env, plan: teei } = await stage();

const wellRegion = { ...deadRegion, serviceReachable: true, databaseReachable: true, databaseRole: 'primary' as const };
const well = (): Fakes =>
  createFakes({ observe: async ({ vantage }) => vantageFacts(vantage, [wellRegion, standbyRegion]) });
const unknownRegion = { ...deadRegion, serviceReachable: null, databaseReachable: null };

const recoveryOf = (plan: RecoveryPlan) => env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering;
const underWay = ({ summary }: { summary: string }) => /under way/.test(summary);
/** Brings the matter to its end; what is cut off in the middle would keep the server's clock from moving. */
async function finish(plan: RecoveryPlan, open: OpenIncident) {
  const { summary } = await incidentWhen(open, () => true);
  if (underWay({ summary })) {
    await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
    await recoveryOf(plan).result();
    await incidentWhen(open, (status) => !underWay(status));
  }
  await raise(env, plan, [resolved(), resolved({ fingerprint: 'f1' })]);
  const { decisions } = await incidentWhen(open, ({ counts }) => counts.firing === 0).catch(() => ({ decisions: [] }));
  if (decisions.some(({ verb }) => verb === 'acknowledge')) await say(env, open, { verb: 'acknowledge' });
  return await open.result();
}

const resolved = (change = {}) => alert({ status: 'resolved', ...change });

describe('from alerts to a decision', () => {
  test('an alert about a lost region starts one recovery, which asks for approval', async () => {
    const plan = planFor(teei);
    const fakes = createFakes();
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, underWay);
      await raise(env, plan, [alert(), alert({ fingerprint: 'f1', name: 'HighErrorRate' })]);
      const status = await statusWhen(recoveryOf(plan), gateOpen('approve'));
      expect(status).toMatchObject({ detectedAt: alert().startsAt, scenario: 'region-failover' });
      await approve(env, recoveryOf(plan));
      await recoveryOf(plan).result();
      const after = await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
      expect(after).toMatchObject({ outcome: 'recovered', recovery: recoveryId(plan.system), counts: { firing: 2 } });
      expect(after.recoveries).toHaveLength(1);
      await finish(plan, open);
    });
  });

  test('an alert that probes do not confirm starts nothing, and the incident closes when it is resolved', async () => {
    const plan = planFor(teei);
    const fakes = well();
    const status = await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'none');
      await raise(env, plan, [resolved()]);
      return await open.result();
    });
    expect(status).toMatchObject({
      recovery: null,
      summary: 'closed: no alert fires any more, and the facts call for nothing',
    });
    expect(fakes.calls.filter((call) => /^(fence|promote|scale)/.test(call))).toEqual([]);
  });

  test('a request to cancel is ignored and noted: neither incident nor recovery ends by it', async () => {
    const plan = planFor(teei);
    await withWorkers(env, createFakes(), async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, underWay);
      await statusWhen(recoveryOf(plan), gateOpen('approve'));
      await open.cancel();
      await incidentWhen(open, ({ timeline }) =>
        timeline.some(({ text }) => text.startsWith('cancellation was requested')),
      );
      expect((await open.describe()).status.name).toBe('RUNNING');
      expect(await statusWhen(recoveryOf(plan), gateOpen('approve'))).toMatchObject({ state: 'waiting' });
      await finish(plan, open);
    });
  });

  test('silence is no cure: an alert that is resolved while the region is dead does not close the incident', async () => {
    const plan = withRule(planFor(teei), 'region-lost', { for: '60s' });
    await withWorkers(env, createFakes(), async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, ({ verdict }) => verdict?.action === 'wait');
      await raise(env, plan, [resolved()], { heals: false });
      await letPass(env, '2m');
      const status = await incidentWhen(open, underWay);
      expect(status.counts.firing).toBe(0);
      expect(status.timeline.map(({ text }) => text)).toContainEqual(
        expect.stringMatching(/^monitoring went quiet: no alert fires; the facts tell/),
      );
      await finish(plan, open);
    });
  });

  test('an incident that a resolved alert opens observes, and recovers a region that is dead; alerts left out are shown', async () => {
    const plan = planFor(teei);
    await withWorkers(env, createFakes(), async () => {
      const labels = { ...alert().labels, silence: 'MissingSeries' };
      const open = await raise(env, plan, [resolved({ labels, leftOut: 12 })], { heals: false });
      const { counts, facts } = await incidentWhen(open, underWay);
      expect([counts, facts?.alertsLeftOut]).toEqual([{ firing: 0, resolved: 1, leftOut: 12 }, 12]);
      const { gates } = await statusWhen(recoveryOf(plan), gateOpen('approve'));
      expect(gates[0]?.facts?.alertsLeftOut).toBe(12);
      await decide(env, recoveryOf(plan), gateOpen('approve'), { verb: 'reject', target: 'approve' });
      const { timeline } = await recoveryOf(plan).result();
      expect(timeline.map(({ text }) => text)).toContainEqual(expect.stringContaining('at least 12 left out'));
      await finish(plan, open);
    });
  });

  test('while a recovery is under way the incident goes on observing, and keeps count of how long the region is gone', async () => {
    const plan = planFor(teei);
    await withWorkers(env, createFakes(), async () => {
      const open = await raise(env, plan, [alert()]);
      const { facts: first } = await incidentWhen(open, underWay);
      await statusWhen(recoveryOf(plan), gateOpen('approve'));
      await letPass(env, '3m');
      const { facts: later } = await incidentWhen(open, ({ facts }) => facts?.observedAt !== first?.observedAt);
      expect(first?.unreachableSince).toEqual(expect.any(String));
      expect(later?.unreachableSince).toBe(first?.unreachableSince);
      await finish(plan, open);
    });
  });

  test('an alert that is resolved during the look does not keep a lost region from being recovered', async () => {
    const plan = planFor(teei);
    const fakes = createFakes({
      observe: async ({ vantage }) => {
        await raise(env, plan, [resolved()], { heals: false });
        return vantageFacts(vantage);
      },
    });
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, underWay);
      await finish(plan, open);
    });
  });

  test('what has no scenario is put to people, once, with what is to be done', async () => {
    const plan = withRule(planFor(teei), 'region-lost', { action: 'restore' });
    const fakes = createFakes();
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      const status = await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      expect(status.verdict?.reason).toMatch(/restore is called for.*no scenario for it: stop all writes/);
      await letPass(env, '5m');
      await raise(env, plan, [alert({ fingerprint: 'f1' })]);
      await letPass(env, '2m');
      expect(status.recovery).toBeNull();
      await finish(plan, open);
    });
    expect(fakes.calls.filter((call) => call === 'observe').length).toBeGreaterThan(4);
  });

  test('nobody can tell: people are asked, and nothing is started', async () => {
    const plan = planFor(teei, { unknownFor: '5m' });
    const fakes = createFakes({
      observe: async ({ vantage }) => vantageFacts(vantage, [unknownRegion, standbyRegion]),
    });
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      const waiting = await incidentWhen(open, ({ verdict }) => verdict !== null);
      expect(waiting.verdict).toMatchObject({ action: 'wait', rule: 'facts-unknown' });
      await letPass(env, '6m');
      const status = await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      expect(status).toMatchObject({ recovery: null, verdict: { rule: 'facts-unknown' } });
      await finish(plan, open);
    });
  });
});

describe('time', () => {
  test('a region is failed over when it has been unreachable for five minutes, and not before', async () => {
    const plan = withRule(planFor(teei), 'region-lost', { for: '5m' });
    await withWorkers(env, createFakes(), async () => {
      const began = await env.currentTimeMs();
      const open = await raise(env, plan, [alert()]);
      const first = await incidentWhen(open, ({ verdict }) => verdict !== null);
      expect(first.verdict).toMatchObject({ action: 'wait', rule: 'region-lost' });
      expect(first.verdict?.reason).toContain('when it has been so for 5m');
      await letPass(env, '4m');
      expect((await incidentWhen(open, ({ verdict }) => verdict !== null)).recovery).toBeNull();
      await letPass(env, '90s');
      await incidentWhen(open, underWay);
      const { startedAt } = await statusWhen(recoveryOf(plan), gateOpen('approve'));
      expect(Date.parse(startedAt) - began).toBeGreaterThanOrEqual(300_000);
      expect(Date.parse(startedAt) - began).toBeLessThan(320_000);
      await finish(plan, open);
    });
  });

  test('a standby that is behind is waited for, and then failed over to at once', async () => {
    const plan = withRule(planFor(teei, { lookEvery: '30s' }), 'standby-behind', { over: '5m', atMost: '15m' });
    let behind = 600;
    const fakes = createFakes({
      observe: async ({ vantage }) => ({
        ...vantageFacts(vantage, [deadRegion, { ...standbyRegion, replayAgeSeconds: behind }]),
        lease: null,
      }),
    });
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      const waiting = await incidentWhen(open, ({ verdict }) => verdict !== null);
      expect(waiting.verdict).toMatchObject({ action: 'wait', rule: 'standby-behind' });
      await letPass(env, '3m');
      behind = 4;
      await letPass(env, '30s');
      await incidentWhen(open, underWay);
      await finish(plan, open);
    });
  });

  test('a standby that never catches up is put to people', async () => {
    // Not the 15 min after which there would be news: a clock that is stopped as it strikes stops the test server's.
    const plan = withRule(planFor(teei, { lookEvery: '1m' }), 'standby-behind', { over: '5m', atMost: '13m' });
    const fakes = createFakes({
      observe: async ({ vantage }) => ({
        ...vantageFacts(vantage, [deadRegion, { ...standbyRegion, replayAgeSeconds: 600 }]),
        lease: null,
      }),
    });
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      await letPass(env, '14m');
      const status = await incidentWhen(open, ({ verdict }) => verdict?.action === 'ask-human');
      expect(status.verdict).toMatchObject({ rule: 'standby-behind' });
      expect(status.recovery).toBeNull();
      await finish(plan, open);
    });
  });
});

describe('after a move to the other region', () => {
  const moved = { from: 'eu-central-1', to: 'us-east-1' };
  const east = { ...standbyRegion, region: 'us-east-1' };
  const central = { ...wellRegion, region: 'eu-central-1' };
  const lostCentral = { ...deadRegion, region: 'eu-central-1' };

  /** The region that serves is well until somebody says that it is lost; the lease stays with it. */
  function movedAway(vantages: string[]) {
    const world = { lost: false };
    const fakes = createFakes({
      observe: async ({ vantage }) => {
        vantages.push(vantage);
        const facts = vantageFacts(vantage, [east, world.lost ? lostCentral : central]);
        return {
          ...facts,
          servingRegions: ['eu-central-1'],
          lease: facts.lease && { ...facts.lease, holder: moved.from },
        };
      },
    });
    return { world, fakes };
  }

  test('the region that serves now is judged, from outside of it, and the other one takes over', async () => {
    const plan = withRule(planFor(teei, { lookEvery: '30s' }), 'region-lost', { for: '5m' });
    const vantages: string[] = [];
    const { world, fakes } = movedAway(vantages);
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      const well = await incidentWhen(open, ({ verdict }) => verdict !== null);
      expect(well).toMatchObject({ direction: moved, verdict: { action: 'none', rule: 'nothing-amiss' } });
      expect(well.decisions.map(({ action }) => action)).toContain(
        'override: region-failover eu-central-1 -> us-east-1',
      );
      expect(new Set(vantages.slice(2))).toEqual(new Set(['third-place', 'us-east-1']));
      world.lost = true;
      await raise(env, plan, [alert({ fingerprint: 'f1' })]);
      await letPass(env, '30s');
      await incidentWhen(open, ({ verdict }) => verdict?.rule === 'region-lost');
      await letPass(env, '5m');
      await incidentWhen(open, underWay);
      const status = await statusWhen(recoveryOf(plan), gateOpen('approve'));
      expect(status).toMatchObject({ scenario: 'region-failover', ...moved });
      await finish(plan, open);
    });
  });

  test('a region that is lost before anybody has looked is known by the lease', async () => {
    const plan = planFor(teei);
    const { world, fakes } = movedAway([]);
    world.lost = true;
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      await incidentWhen(open, underWay);
      expect(await statusWhen(recoveryOf(plan), gateOpen('approve'))).toMatchObject(moved);
      await finish(plan, open);
    });
  });
});

describe('a person orders a failover whatever the matrix says', () => {
  /** Overrides as soon as the matrix has spoken. */
  async function ordered(fakes: Fakes, act: (plan: RecoveryPlan, open: OpenIncident) => Promise<unknown>) {
    const plan = planFor(teei);
    await withWorkers(env, fakes, async () => {
      const open = await raise(env, plan, [alert()]);
      const { decisions } = await incidentWhen(open, ({ verdict }) => verdict !== null);
      const failover = decisions.find(({ action }) => action.startsWith('override: region-failover'));
      expect(await say(env, open, { verb: 'override', change: { action: failover?.action ?? '' } })).toMatchObject({
        accepted: true,
      });
      await act(plan, open);
      await finish(plan, open);
    });
  }

  test('of a region that somebody reaches: the gate asks, and says what speaks against it', async () => {
    await ordered(well(), async (plan, open) => {
      await incidentWhen(open, underWay);
      const { gates } = await statusWhen(recoveryOf(plan), gateOpen('approve'));
      expect(gates[0]?.question).toMatch(
        /RegionHealthy: us-east-1 is reachable.*ordered all the same by sre@lab.test: seen to it/,
      );
      await approve(env, recoveryOf(plan));
      expect(await recoveryOf(plan).result()).toMatchObject({ outcome: 'recovered' });
    });
  });

  const corrupt = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: true };
  test.each([
    ['DataCorrupted', [deadRegion, standbyRegion], corrupt],
    ['TwoPrimaries', [wellRegion, { ...standbyRegion, databaseRole: 'primary' as const }], undefined],
    ['StandbyTooFarBehind', [wellRegion, { ...standbyRegion, replayAgeSeconds: 4_000 }], undefined],
  ])('and is refused what no order makes safe: %s', async (type, regions, measures) => {
    const seen = measures === undefined ? {} : { measures };
    const fakes = createFakes({
      observe: async ({ vantage }) => ({ ...vantageFacts(vantage, regions), lease: null, ...seen }),
    });
    await ordered(fakes, async (_, open) => {
      const { recoveries } = await incidentWhen(open, (status) => status.recoveries.length > 0);
      expect(recoveries).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining(type) }]);
    });
  });
});

describe('after a recovery', () => {
  async function recoverOnce(plan: RecoveryPlan) {
    const open = await raise(env, plan, [alert()]);
    await incidentWhen(open, underWay);
    await approve(env, recoveryOf(plan));
    await recoveryOf(plan).result();
    await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
    return open;
  }

  test('none starts by itself until somebody acknowledges, and the refusal names the command', async () => {
    const plan = planFor(teei, { blockFor: '1h' });
    await withWorkers(env, createFakes(), async () => {
      const open = await recoverOnce(plan);
      const blocked = await incidentWhen(open, ({ verdict }) => verdict?.rule === 'anti-flapping');
      expect(blocked.verdict?.reason).toContain(`lifeboat acknowledge ${plan.system}`);
      expect(blocked.blockedUntil).not.toBeNull();
      await letPass(env, '10m');
      expect((await incidentWhen(open, () => true)).recoveries).toHaveLength(1);
      expect(await say(env, open, { verb: 'acknowledge' })).toMatchObject({ accepted: true });
      await incidentWhen(open, underWay);
      await finish(plan, open);
    });
  });

  test('the next one starts by itself when the time is over', async () => {
    const plan = planFor(teei, { blockFor: '1h' });
    await withWorkers(env, createFakes(), async () => {
      const open = await recoverOnce(plan);
      await letPass(env, '50m');
      expect((await incidentWhen(open, () => true)).summary).not.toMatch(/under way/);
      await letPass(env, '12m');
      await incidentWhen(open, underWay);
      await finish(plan, open);
    });
  });

  test('the incident stays open while nothing fires, and closes when it is acknowledged', async () => {
    const plan = planFor(teei, { blockFor: '1h' });
    const status = await withWorkers(env, createFakes(), async () => {
      const open = await recoverOnce(plan);
      await raise(env, plan, [resolved()]);
      await incidentWhen(open, ({ counts }) => counts.firing === 0);
      expect((await open.describe()).status.name).toBe('RUNNING');
      await say(env, open, { verb: 'acknowledge' });
      return await open.result();
    });
    expect(status.approvals).toMatchObject([
      { verb: 'approve', target: 'approve', accepted: true },
      { verb: 'acknowledge', accepted: true, reason: 'seen to it' },
    ]);
  });

  test('a person may override, signed and with a reason', async () => {
    const plan = planFor(teei, { blockFor: '1h' });
    await withWorkers(env, createFakes(), async () => {
      const open = await recoverOnce(plan);
      const refused = async (said: Parameters<typeof say>[2]) => (await say(env, open, said)).detail;
      expect(await refused({ verb: 'override', change: { reason: null } })).toMatch(/no "incident" that waits/);
      expect(await refused({ verb: 'override', identity: 'nobody@lab.test' })).toMatch(/may not override/);
      expect(await refused({ verb: 'override', change: { action: 'override: restore' } })).toMatch(/override: restore/);
      expect(await refused({ verb: 'override', change: { runId: 'another' } })).toMatch(/another run/);
      const { decisions } = await incidentWhen(open, () => true);
      expect(decisions.map(({ action }) => action)).toEqual(
        expect.arrayContaining([
          'override: region-failover us-east-1 -> eu-central-1',
          'override: failback eu-central-1 -> us-east-1',
        ]),
      );
      expect(await say(env, open, { verb: 'override' })).toMatchObject({ accepted: true });
      const status = await incidentWhen(open, underWay);
      expect(status.approvals.map(({ accepted }) => accepted)).toEqual([true, true]);
      // It still asks for approval.
      await statusWhen(recoveryOf(plan), gateOpen('approve'));
      await finish(plan, open);
    });
  });
});
