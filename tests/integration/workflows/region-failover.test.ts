import { Context } from '@temporalio/activity';
import type { Activities, FenceResult } from '../../../activities/contract.ts';
import type { RegionFacts } from '../../../plan/facts.ts';
import { Report } from '../../../plan/report.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import {
  broken,
  createFakes,
  deadRegion,
  failedOver,
  healthy,
  promotion,
  provedFence,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  letPass,
  phaseDone,
  phaseOutcomes,
  phasePaused,
  promotionStuck,
  type Recovering,
  signedDecision,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const earlier = (calls: string[], first: string, second: string) => calls.indexOf(first) < calls.indexOf(second);

describe('the forward path', () => {
  test('does every phase after approval, in the order of its dependencies, and reports', async () => {
    const fakes = createFakes();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await statusWhen(recovering, gateOpen('approve'));
      expect(fakes.calls.filter((call) => call !== 'observe' && call !== 'notify')).toEqual([]);
      expect(await approve(env, recovering)).toMatchObject({ accepted: true });
      return await recovering.result();
    });
    expect(Report.parse(report)).toEqual(report);
    expect(report).toMatchObject({ outcome: 'recovered', evidence: 's3://lifeboat/evidence/report.json' });
    expect(new Set(Object.values(phaseOutcomes(report)))).toEqual(new Set(['done']));
    const order = ['fenceDatabase database', 'promoteDatabase database', 'repointWorkloads workloads'];
    const [fence, promote, repoint] = order as [string, string, string];
    expect(earlier(fakes.calls, fence, promote)).toBe(true);
    expect(earlier(fakes.calls, promote, repoint)).toBe(true);
    expect(earlier(fakes.calls, 'captureWorkloads workloads', 'scaleWorkloads workloads')).toBe(true);
    expect(earlier(fakes.calls, repoint, 'registerTargets balancer')).toBe(true);
    expect(earlier(fakes.calls, 'registerTargets balancer', 'cutOverDns dns')).toBe(true);
    expect(earlier(fakes.calls, 'captureDns dns', 'cutOverDns dns')).toBe(true);
    expect(earlier(fakes.calls, 'promoteDatabase database', 'rebuildCache cache')).toBe(true);
    expect(fakes.calls).toEqual(
      expect.arrayContaining(['cutOverDns edge-dns', 'invalidateCdn cdn', 'promoteStream events']),
    );
    expect(report.dataLoss).toMatchObject({ actualSeconds: 2, bytes: 100, lostAcknowledgedWrites: 3, met: true });
    expect(report.approvals).toMatchObject([{ verb: 'approve', identity: 'sre@lab.test', accepted: true }]);
  });

  test('phases that do not depend on each other run at the same time', async () => {
    let running = 0;
    let most = 0;
    const together = async () => {
      running += 1;
      most = Math.max(most, running);
      const deadline = Date.now() + 20_000;
      while (most < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
      return { changed: true, detail: 'done' };
    };
    const fakes = createFakes({ promoteAnalytics: together, promoteStream: together, scaleWorkloads: together });
    await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(most).toBe(3);
  });

  test('what the move leaves behind is in the question and in the report', async () => {
    const notReplicated = { logicalSlots: [], preparedTransactions: [], unloggedTables: ['carts'] };
    const regions = [{ ...deadRegion, notReplicated }, standbyRegion];
    const fakes = createFakes({ observe: async ({ vantage }) => vantageFacts(vantage, regions) });
    const line = `unlogged tables are empty in ${standbyRegion.region}: carts`;
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const { gates } = await statusWhen(recovering, gateOpen('approve'));
      expect(gates[0]?.question).toContain(line);
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(report.leftToDo).toEqual([line]);
  });

  test('unknown data loss is reported as unknown and not as met', async () => {
    const fakes = createFakes({
      promoteDatabase: async () => ({
        changed: true,
        detail: 'promoted',
        timelineBefore: 1,
        timelineAfter: 2,
        promotedAt: new Date().toISOString(),
        dataLoss: { seconds: null, bytes: null, method: 'no heartbeat was found' },
      }),
      compareLedger: async () => ({ lostAcknowledgedWrites: null }),
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(report.dataLoss).toMatchObject({
      actualSeconds: null,
      bytes: null,
      lostAcknowledgedWrites: null,
      met: null,
    });
  });
});

describe('assessment refuses', () => {
  const cases: [string, RegionFacts, RegionFacts, (boolean | null)?][] = [
    [
      'RegionHealthy',
      { ...deadRegion, serviceReachable: true, databaseReachable: true, databaseRole: 'primary' as const },
      standbyRegion,
    ],
    ['FactsUnknown', deadRegion, { ...standbyRegion, databaseReachable: false, databaseRole: null }],
    ['StandbyMissing', deadRegion, { ...standbyRegion, databaseRole: 'primary' as const }],
    ['TwoPrimaries', servingRegion, { ...standbyRegion, databaseRole: 'primary' as const }],
    ['DataCorrupted', deadRegion, standbyRegion, true],
    ['StandbyTooFarBehind', deadRegion, { ...standbyRegion, replayAgeSeconds: 4_000 }],
  ];

  test.each(cases)('%s', async (reason, from, to, dataCorrupted = null) => {
    const measures = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted };
    const fakes = createFakes({ observe: async ({ vantage }) => ({ ...vantageFacts(vantage, [from, to]), measures }) });
    const report = await withWorkers(env, fakes, async () => (await startFailover(env, plan)).result());
    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(reason) });
    expect(phaseOutcomes(report)).toMatchObject({ assess: 'failed', approve: 'not-started' });
    expect(fakes.calls).not.toContain('fenceDatabase database');
  });
});

describe('the gate', () => {
  test('a rejection ends the recovery with nothing changed', async () => {
    const fakes = createFakes();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await decide(env, recovering, gateOpen('approve'), {
        verb: 'reject',
        target: 'approve',
        change: { reason: 'not now' },
      });
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('not now') });
    expect(fakes.calls.filter((call) => /^(fence|promote|scale|capture)/.test(call))).toEqual([]);
  });

  test('nobody deciding in time ends it as refused', async () => {
    const report = await withWorkers(env, createFakes(), async () => (await startFailover(env, plan)).result());
    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('nobody decided') });
    expect(report.recoveryTime.humanSeconds).toBeGreaterThanOrEqual(1_800);
  });

  test('decisions that could not count change nothing and are answered with the reason', async () => {
    const fakes = createFakes();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const refused = async (change: object, identity = 'sre@lab.test') =>
        (await decide(env, recovering, gateOpen('approve'), { verb: 'approve', target: 'approve', identity, change }))
          .detail;
      expect(await refused({ runId: 'another' })).toMatch(/another run/);
      expect(await refused({ planHash: 'another' })).toMatch(/another plan/);
      expect(await refused({ factsDigest: 'another' })).toMatch(/facts have changed/);
      expect(await refused({ expiresAt: '2001-01-01T00:00:00.000Z' })).toMatch(/expired/);
      expect(await refused({ action: 'region-failover somewhere else' })).toMatch(/somewhere else/);
      expect(await refused({}, 'stranger@lab.test')).toMatch(/is not one of the plan's approvers/);
      expect(await refused({}, 'vp@lab.test')).toMatch(/may not approve/);
      expect(await refused({ target: 'failback' })).toMatch(/not open|failback/);
      await approve(env, recovering);
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.approvals.map(({ accepted }) => accepted)).toEqual([true]);
  });

  test('a signal with the envelope does the same as the Update', async () => {
    const report = await withWorkers(env, createFakes(), async () => {
      const recovering = await startFailover(env, plan);
      const status = await statusWhen(recovering, gateOpen('approve'));
      await recovering.signal('approve', await signedDecision(env, status, { verb: 'reject', target: 'approve' }));
      await recovering.signal('approve', { nonsense: true });
      await recovering.signal('approve', await signedDecision(env, status, { verb: 'approve', target: 'approve' }));
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    // Signatures are checked by activities, so that they may be recorded in any order.
    expect(report.approvals.filter(({ accepted }) => !accepted)).toHaveLength(2);
    expect(report.approvals.filter(({ accepted }) => accepted)).toMatchObject([{ verb: 'approve' }]);
  });

  test('two roles need two people, however many roles one of them has', async () => {
    const authority = structuredClone(plan.authority);
    authority.rules = [{ when: 'always', require: ['on-call-sre', 'vp-engineering'] }];
    const both = { identity: 'both@lab.test', roles: ['on-call-sre', 'vp-engineering'], keys: [] };
    const report = await withWorkers(env, createFakes(), async () => {
      const approvers = [...plan.approvers, both];
      const recovering = await startFailover(env, { ...plan, authority, approvers });
      const say = (identity: string) =>
        decide(env, recovering, gateOpen('approve'), { verb: 'approve', target: 'approve', identity });
      await say('both@lab.test');
      await say('both@lab.test');
      expect((await statusWhen(recovering, gateOpen('approve'))).gates).toHaveLength(1);
      await say('sre@lab.test');
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.phases.find(({ name }) => name === 'approve')?.detail).toMatch(/both@lab.test and sre@lab.test/);
  });

  test('a plan that names nobody for the time lets nobody approve', async () => {
    const authority = { ...structuredClone(plan.authority), rules: [] };
    const report = await withWorkers(env, createFakes(), async () => {
      const recovering = await startFailover(env, { ...plan, authority });
      expect((await approve(env, recovering)).accepted).toBe(false);
      return await recovering.result();
    });
    expect(report.outcome).toBe('refused');
  });

  test('facts that drift while people think are asked about again', async () => {
    let age = 1;
    const fakes = createFakes({
      observe: async ({ vantage }) => vantageFacts(vantage, [deadRegion, { ...standbyRegion, replayAgeSeconds: age }]),
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      const first = await statusWhen(recovering, gateOpen('approve'));
      await letPass(env, '60s');
      age = 120;
      expect(await approve(env, recovering)).toMatchObject({
        accepted: true,
        askedAgain: true,
        detail: expect.stringMatching(/does not take effect: the data loss would be \d+ s now and was \d+ s$/),
      });
      const asksAgain = (status: typeof first) =>
        status.gates[0] !== undefined && status.gates[0].factsDigest !== first.gates[0]?.factsDigest;
      await statusWhen(recovering, asksAgain);
      expect(await approve(env, recovering)).not.toHaveProperty('askedAgain');
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.approvals.map(({ accepted }) => accepted)).toEqual([true, true]);
    expect(report.timeline.some(({ text }) => text.includes('asking again'))).toBe(true);
  });
});

describe('facts that change at the gate', () => {
  const sound = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: false };

  /** Approves a minute after `change`, when facts are looked at again. */
  async function approvedAfter(seen: () => Partial<ReturnType<typeof vantageFacts>>, change: () => void) {
    const fakes = createFakes({ observe: async ({ vantage }) => ({ ...vantageFacts(vantage), ...seen() }) });
    const report = (then: (recovering: Recovering) => Promise<unknown>) =>
      withWorkers(env, fakes, async () => {
        const recovering = await startFailover(env, plan);
        await statusWhen(recovering, gateOpen('approve'));
        await letPass(env, '60s');
        change();
        const { detail } = await approve(env, recovering);
        expect(detail).toMatch(/does not take effect: /);
        await then(recovering);
        return await recovering.result();
      });
    return { fakes, report };
  }

  test('corruption that is found while people think ends it, whoever has approved', async () => {
    let measures = sound;
    const { fakes, report } = await approvedAfter(
      () => ({ measures }),
      () => {
        measures = { ...sound, dataCorrupted: true };
      },
    );
    expect(await report(async () => {})).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('DataCorrupted'),
    });
    expect(fakes.calls).not.toContain('fenceDatabase database');
  });

  test('a region that is back is asked about again, in these words', async () => {
    let regions = [deadRegion, standbyRegion];
    const { report } = await approvedAfter(
      () => ({ regions }),
      () => {
        regions = [servingRegion, standbyRegion];
      },
    );
    const reject = (recovering: Recovering) =>
      decide(env, recovering, ({ gates }) => gates[0]?.question.includes('RegionHealthy') ?? false, {
        verb: 'reject',
        target: 'approve',
      });
    const { outcome, timeline } = await report(reject);
    expect(outcome).toBe('refused');
    const asked = timeline.map(({ text }) => text).join('\n');
    expect(asked).toMatch(
      /RegionHealthy: us-east-1 is reachable.* Asked again: whether us-east-1 is unreachable has changed/,
    );
  });
});

describe('a phase that keeps failing pauses', () => {
  test('and retry does it again', async () => {
    let attempts = 0;
    const fakes = createFakes({
      registerTargets: async () => {
        attempts += 1;
        if (attempts === 1) throw broken('no such target group');
        return { changed: true, detail: 'registered' };
      },
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const paused = await statusWhen(recovering, phasePaused('register-targets'));
      expect(paused.summary).toMatch(/no such target group/);
      await decide(env, recovering, phasePaused('register-targets'), { verb: 'retry', target: 'register-targets' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.phases.find(({ name }) => name === 'register-targets')).toMatchObject({
      outcome: 'done',
      attempts: 2,
    });
    expect(fakes.calls.filter((call) => call === 'captureTargets balancer')).toHaveLength(1);
  });

  test('and skip goes on without it', async () => {
    const fakes = createFakes({ invalidateCdn: async () => Promise.reject(broken('access denied')) });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await decide(env, recovering, phasePaused('invalidate-cdn'), { verb: 'skip', target: 'invalidate-cdn' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.phases.find(({ name }) => name === 'invalidate-cdn')).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('access denied'),
    });
  });
});

describe('going back', () => {
  test('before the point of no return it puts back what was recorded, newest first, without asking', async () => {
    const fakes = createFakes({ fenceDatabase: async () => Promise.reject(broken('the lease cannot be read')) });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const others = (status: { phases: { name: string; state: string }[] }) =>
        status.phases.filter(({ name, state }) => /analytics|stream|scale/.test(name) && state === 'done').length === 3;
      await statusWhen(recovering, (status) => phasePaused('promote-database')(status) && others(status));
      await decide(env, recovering, phasePaused('promote-database'), { verb: 'rollback' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('rolled-back');
    const restored = fakes.calls.filter((call) => /^(restore|return)/.test(call));
    expect(new Set(restored)).toEqual(
      new Set([
        'restoreAnalytics analytics',
        'restoreStream events',
        'restoreWorkloads workloads',
        'returnDatabase database',
      ]),
    );
    expect(report.phases.filter(({ name }) => name.startsWith('rollback-')).map(({ outcome }) => outcome)).toEqual(
      Array(4).fill('done'),
    );
    expect(report.recoveredAt).toBeNull();
  });

  const breach = { ...healthy, healthy: false, breach: '4 critical services fail; more than 3 roll back.' };

  /** The region that was lost is back, and fenced, as soon as the other one has been promoted. */
  function comesBack(): Pick<Activities, 'observe' | 'promoteDatabase'> {
    let promoted = false;
    return {
      observe: async ({ vantage }) => vantageFacts(vantage, promoted ? failedOver : undefined),
      promoteDatabase: async () => {
        promoted = true;
        return promotion;
      },
    };
  }

  test.each([breach.breach, '6.2 % of client requests fail; more than 5 % roll back.'])(
    'a criterion met after the promotion asks before it fails back: %s',
    async (criterion) => {
      const met = { ...breach, breach: criterion };
      const fakes = createFakes({
        ...comesBack(),
        watchRecovery: async ({ until }) => (until === 'end' ? met : healthy),
      });
      const report = await withWorkers(env, fakes, async () => {
        const recovering = await startFailover(env, plan);
        await approve(env, recovering);
        await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
        return await recovering.result();
      });
      expect(report).toMatchObject({ outcome: 'rolled-back', reason: criterion, recoveredAt: null });
      const restored = fakes.calls.filter((call) => /^(restore|return)/.test(call));
      expect(earlier(restored, 'restoreTargets balancer', 'restoreWorkloads workloads')).toBe(true);
      expect(earlier(restored, 'restoreDns dns', 'restoreTargets balancer')).toBe(true);
      // Clients are not led back before there is a database.
      expect(restored[0]).toBe('returnDatabase database');
      expect(fakes.calls.filter((call) => call === 'rebuildStandby database')).toHaveLength(1);
    },
  );

  test('names move only while the workloads have their pods, whatever became of them since they were scaled', async () => {
    let ready = false;
    const fakes = createFakes({
      confirmWorkloads: async () => {
        if (!ready) throw broken('api: 2 ready and 2 updated of 6');
        return { changed: true, detail: 'kubectl set api to 2; api 2 → 6, 6 ready' };
      },
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const { summary } = await statusWhen(recovering, phasePaused('cut-over-dns'));
      expect(summary).toContain('api: 2 ready and 2 updated of 6');
      expect(fakes.calls.filter((call) => call.startsWith('cutOverDns'))).toEqual([]);
      ready = true;
      await decide(env, recovering, phasePaused('cut-over-dns'), { verb: 'retry', target: 'cut-over-dns' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.timeline.map(({ text }) => text)).toContain(
      'the names wait: kubectl set api to 2; api 2 → 6, 6 ready',
    );
    expect(fakes.calls.filter((call) => call.startsWith('captureDns'))).toHaveLength(2);
    expect(fakes.calls.filter((call) => call.startsWith('cutOverDns'))).toHaveLength(2);
  });

  test('past the promotion nothing goes back to a region that is not there', async () => {
    let back = false;
    const fakes = createFakes({
      observe: async ({ vantage }) => vantageFacts(vantage, back ? failedOver : undefined),
      watchRecovery: async () => breach,
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const asked = (at: RegExp) => (status: { gates: { name: string; question: string }[] }) =>
        status.gates.some(({ name, question }) => name === 'failback' && at.test(question));
      const first = await statusWhen(recovering, asked(/us-east-1 is unreachable/));
      const answer = await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
      expect(answer).toMatchObject({ askedAgain: true, detail: expect.stringContaining('us-east-1 is unreachable') });
      await statusWhen(recovering, ({ gates }) =>
        gates.some(({ openedAt }) => openedAt > (first.gates[0]?.openedAt ?? '')),
      );
      expect(fakes.calls.filter((call) => /^(restore|return)/.test(call))).toEqual([]);
      back = true;
      await letPass(env, '15s');
      await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
      const again = asked(/discards them\. Asked again: whether us-east-1 is unreachable has changed\.$/);
      await decide(env, recovering, again, { verb: 'approve', target: 'failback' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('rolled-back');
  });

  test('past the promotion nothing goes back to a region whose workloads cannot serve', async () => {
    let ready = 0;
    const workloads = () => ({
      component: 'workloads',
      kind: 'workloads' as const,
      region: 'us-east-1',
      health: ready === 0 ? ('failing' as const) : ('degraded' as const),
      detail: `api: ${ready} of 6 pods ready`,
    });
    const fakes = createFakes({
      observe: async ({ vantage }) => {
        const facts = vantageFacts(vantage, fakes.calls.includes('promoteDatabase database') ? failedOver : undefined);
        return { ...facts, components: [workloads()] };
      },
      watchRecovery: async () => breach,
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const asked = (at: RegExp) => (status: { gates: { name: string; question: string }[] }) =>
        status.gates.some(({ name, question }) => name === 'failback' && at.test(question));
      await statusWhen(
        recovering,
        asked(/workloads in us-east-1 \(api: 0 of 6 pods ready\) cannot serve: there is no way back/),
      );
      const answer = await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
      expect(answer).toMatchObject({ askedAgain: true, detail: expect.stringContaining('cannot serve') });
      expect(fakes.calls.filter((call) => /^(restore|return)/.test(call))).toEqual([]);
      ready = 2;
      await letPass(env, '20s');
      await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('rolled-back');
  });

  test('a rejected failback leaves the system where it is and says so', async () => {
    const fakes = createFakes({ watchRecovery: async () => breach });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('stays in eu-central-1') });
    expect(fakes.calls.filter((call) => /^(restore|return)/.test(call))).toEqual([]);
  });

  test('a restore that fails pauses like any phase', async () => {
    let attempts = 0;
    const fakes = createFakes({
      fenceDatabase: async () => Promise.reject(broken('unreadable')),
      restoreWorkloads: async () => {
        attempts += 1;
        if (attempts === 1) throw broken('conflict');
        return { changed: true, detail: 'restored' };
      },
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await decide(env, recovering, promotionStuck, { verb: 'rollback' });
      await decide(env, recovering, phasePaused('rollback-workloads'), { verb: 'retry', target: 'rollback-workloads' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('rolled-back');
    expect(attempts).toBe(2);
  });

  test('a recovery that takes longer than the criterion rolls back by itself', async () => {
    const fakes = createFakes({ fenceDatabase: async () => Promise.reject(broken('unreadable')) });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await statusWhen(recovering, phasePaused('promote-database'));
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'rolled-back', reason: expect.stringMatching(/more than 600 s/) });
    expect(report.notifications.map(({ kind }) => kind)).toContain('escalation');
  });
});

describe('abort', () => {
  const mayAbort = () => ({ ...structuredClone(plan.authority), abort: ['vp-engineering'] });

  test('by somebody without the right is refused', async () => {
    await withWorkers(env, createFakes(), async () => {
      const recovering = await startFailover(env, { ...plan, authority: mayAbort() });
      const verdict = await decide(env, recovering, gateOpen('approve'), { verb: 'abort' });
      expect(verdict).toMatchObject({ accepted: false, detail: expect.stringContaining('may not abort') });
      await recovering.terminate();
    });
  });

  test('is refused to everybody where the plan does not have it among the criteria', async () => {
    await withWorkers(env, createFakes(), async () => {
      const without = structuredClone(plan);
      without.authority = mayAbort();
      for (const scenario of Object.values(without.scenarios)) scenario.rollback.executiveAbort = false;
      const recovering = await startFailover(env, without);
      const verdict = await decide(env, recovering, gateOpen('approve'), { verb: 'abort', identity: 'vp@lab.test' });
      const why = 'the plan lets nobody abort its region-failover: executiveAbort is not among its rollback criteria';
      expect(verdict).toEqual({ accepted: false, detail: why });
      await recovering.terminate();
    });
  });

  test('while it is still looking ends it as aborted, not as refused', async () => {
    let looking = () => {};
    const looks = new Promise<void>((resolve) => {
      looking = resolve;
    });
    const fakes = createFakes({
      observe: async ({ vantage }) => {
        looking();
        await Context.current().cancelled.catch(() => {});
        return vantageFacts(vantage);
      },
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, { ...plan, authority: mayAbort() });
      await looks;
      await decide(env, recovering, () => true, { verb: 'abort', identity: 'vp@lab.test' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('aborted');
  });

  test('at the gate ends it with nothing changed', async () => {
    const fakes = createFakes();
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, { ...plan, authority: mayAbort() });
      await decide(env, recovering, gateOpen('approve'), { verb: 'abort', identity: 'vp@lab.test' });
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'aborted', reason: expect.stringContaining('vp@lab.test') });
    expect(fakes.calls.filter((call) => /^(fence|promote|restore)/.test(call))).toEqual([]);
  });
});

describe('a fence that cannot be proved', () => {
  const evidence = 'the database in us-east-1 still takes writes on timeline 1';
  const unproved: FenceResult = { ...provedFence, proved: false, evidence };
  const store = 'cannot read the lease lifeboat/lease.json: no answer within 2000 ms';
  const withoutStore: FenceResult = { ...unproved, evidence: store, obstacle: `the lease is not taken: ${store}` };
  const accept = (recovering: Recovering, when = gateOpen('split-brain')) =>
    decide(env, recovering, when, { verb: 'approve', target: 'split-brain' });
  const asks = (of: RegExp) => (status: RecoveryStatus) =>
    status.gates.some(({ name, question }) => name === 'split-brain' && of.test(question));

  test('stops at its own gate, and goes on when people accept the risk, without a word of a fence or of a small loss', async () => {
    const told: (string | null)[] = [];
    const fakes = createFakes({
      fenceDatabase: async () => unproved,
      promoteDatabase: async ({ downSince }) => {
        told.push(downSince);
        return promotion;
      },
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const status = await statusWhen(recovering, gateOpen('split-brain'));
      expect(status.gates[0]?.question).toMatch(
        /^Fencing of us-east-1 is NOT confirmed: .*still takes writes on timeline 1\. Promote anyway and accept the risk of split brain\?$/,
      );
      expect(fakes.calls).not.toContain('promoteDatabase database');
      await accept(recovering);
      return await recovering.result();
    });
    expect(report.outcome).toBe('recovered');
    expect(report.reason).toBe('teei-csr serves from eu-central-1; us-east-1 is NOT proved to be fenced');
    expect(told).toEqual([null]);
  });

  test('asks again when something else is seen than what was accepted', async () => {
    const later = (timeline: number) => ({ ...unproved, evidence: `it takes writes on timeline ${timeline}` });
    const seen = [unproved, withoutStore, later(7), later(8)];
    const fakes = createFakes({ fenceDatabase: async () => seen.shift() ?? provedFence });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await accept(recovering, asks(/timeline 1/));
      const paused = await statusWhen(recovering, phasePaused('promote-database'));
      expect(paused.summary).toMatch(/not promoted, although the risk was accepted: the lease is not taken/);
      await decide(env, recovering, () => true, { verb: 'retry', target: 'promote-database' });
      expect(await accept(recovering, asks(/timeline 7/))).toMatchObject({
        askedAgain: true,
        detail: expect.stringContaining('not what was accepted: it takes writes on timeline 8'),
      });
      await statusWhen(recovering, asks(/timeline 8/));
      expect(fakes.calls).not.toContain('promoteDatabase database');
      await accept(recovering);
      return await recovering.result();
    });
    expect(report.reason).toBe('teei-csr serves from eu-central-1; us-east-1 is fenced');
  });

  test('says that nothing can be promoted without the store of the lease, and stays on this side of the point of no return', async () => {
    const fakes = createFakes({ fenceDatabase: async () => withoutStore });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await accept(
        recovering,
        asks(
          /Promotion is blocked: the lease store does not answer\. Approving retries once and promotes only if the lease can then be acquired\.$/,
        ),
      );
      await statusWhen(recovering, phasePaused('promote-database'));
      await decide(env, recovering, phasePaused('promote-database'), { verb: 'rollback' });
      // Nothing has been promoted, so that nobody is asked about going back.
      return await recovering.result();
    });
    expect(report.outcome).toBe('rolled-back');
    expect(fakes.calls).not.toContain('promoteDatabase database');
    expect(fakes.calls).toContain('returnDatabase database');
  });

  test('a proof that comes after a promotion at risk does not tell what was lost', async () => {
    const seen = [unproved, unproved];
    const told: (string | null)[] = [];
    const fakes = createFakes({
      fenceDatabase: async () => seen.shift() ?? provedFence,
      promoteDatabase: async ({ downSince }) => {
        told.push(downSince);
        if (told.length === 1) throw broken('no answer');
        return promotion;
      },
    });
    await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      await accept(recovering);
      const target = 'promote-database';
      await decide(env, recovering, phasePaused(target), { verb: 'retry', target });
      return await recovering.result();
    });
    expect(told).toEqual([null, null]);
  });

  test('and is not promoted when they do not', async () => {
    const fakes = createFakes({ fenceDatabase: async () => unproved });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      const asked = (status: RecoveryStatus) => gateOpen('split-brain')(status) && phaseDone('scale-up')(status);
      await decide(env, recovering, asked, { verb: 'reject', target: 'split-brain' });
      return await recovering.result();
    });
    expect(report.outcome).toBe('refused');
    expect(fakes.calls).not.toContain('promoteDatabase database');
    expect(fakes.calls).toContain('restoreWorkloads workloads');
  });
});

test('a recovery cancelled in Temporal puts back what it changed', async () => {
  const fakes = createFakes({ fenceDatabase: async () => Promise.reject(broken('unreadable')) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    await statusWhen(recovering, promotionStuck);
    await recovering.cancel();
    return await recovering.result();
  });
  expect(report.outcome).toBe('aborted');
  expect(fakes.calls).toContain('restoreWorkloads workloads');
});
