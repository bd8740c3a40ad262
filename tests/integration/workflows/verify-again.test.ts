import type { WatchResult } from '../../../activities/contract.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import {
  broken,
  createFakes,
  failedOver,
  healthy,
  promotion,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  phaseDone,
  phasePaused,
  type Recovering,
  stage,
  startScenario,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const breach = { ...healthy, healthy: false, breach: '4 critical services fail; more than 3 roll back.' };

/** A watch that sees one thing after another, and then that all is well. */
function seeing(...seen: WatchResult[]) {
  return { watchRecovery: async () => seen.shift() ?? healthy };
}

/** Both regions are well, and the promoted one takes the writes once it is promoted. */
function moving() {
  let promoted = false;
  return {
    observe: async ({ vantage }: { vantage: string }) =>
      vantageFacts(vantage, promoted ? failedOver : [servingRegion, standbyRegion]),
    promoteDatabase: async () => {
      promoted = true;
      return promotion;
    },
  };
}

const verifyAgain = (recovering: Recovering, fits = gateOpen('failback'), identity = 'sre@lab.test') =>
  decide(env, recovering, fits, {
    verb: 'retry',
    target: 'failback',
    identity,
    change: { action: 'retry failback', factsDigest: null },
  });

const putBack = (calls: string[]) => calls.filter((call) => /^(restore|return)/.test(call));
const gateOf = ({ gates }: RecoveryStatus) => gates.find(({ name }) => name === 'failback');

test.each(['region-failover', 'switchover'] as const)(
  '%s: when the cause is mended at the gate of the rollback, verifying again ends it as recovered, with nothing put back',
  async (scenario) => {
    const fakes = createFakes({ ...(scenario === 'switchover' && moving()), ...seeing(breach) });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startScenario(env, plan, scenario);
      await approve(env, recovering);
      expect(await verifyAgain(recovering)).toMatchObject({ accepted: true });
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'recovered', reason: expect.stringContaining('serves from eu-central-1') });
    expect(putBack(fakes.calls)).toEqual([]);
    expect(report.phases.find(({ name }) => name === 'verify')).toMatchObject({ outcome: 'done', attempts: 2 });
    expect(report.phases.filter(({ attempts }) => attempts > 1).map(({ name }) => name)).toEqual(['verify']);
  },
);

test('what is still broken is asked about again, with facts of then, and can still be rolled back', async () => {
  const fakes = createFakes({ ...moving(), ...seeing(breach, breach) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'switchover');
    await approve(env, recovering);
    const first = gateOf(await statusWhen(recovering, gateOpen('failback')));
    await verifyAgain(recovering);
    const asksAgain = (status: RecoveryStatus) => (gateOf(status)?.openedAt ?? '') > (first?.openedAt ?? '');
    const second = gateOf(await statusWhen(recovering, asksAgain));
    expect(Date.parse(second?.facts?.observedAt ?? '')).toBeGreaterThan(Date.parse(first?.facts?.observedAt ?? ''));
    await decide(env, recovering, asksAgain, { verb: 'approve', target: 'failback' });
    return await recovering.result();
  });
  expect(report).toMatchObject({ outcome: 'rolled-back', reason: breach.breach });
  expect(putBack(fakes.calls)).not.toEqual([]);
});

test('a rollback that was ordered past the promotion is called off, and what was not done is done', async () => {
  let attempts = 0;
  const fakes = createFakes({
    cutOverDns: async () => {
      attempts += 1;
      if (attempts === 1) throw broken('the zone is locked');
      return { changed: true, detail: 'moved' };
    },
  });
  const stuck = (status: RecoveryStatus) =>
    status.phases.some(({ name, state }) => name.includes('dns') && state === 'paused') &&
    phaseDone('promote-database')(status);
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'region-failover');
    await approve(env, recovering);
    await decide(env, recovering, stuck, { verb: 'rollback' });
    await verifyAgain(recovering);
    for (;;) {
      const status = await statusWhen(recovering, (seen) => seen.state === 'paused' || seen.state === 'recovered');
      if (status.state === 'recovered') break;
      const target = status.phases.find(({ state }) => state === 'paused')?.name as string;
      await decide(env, recovering, phasePaused(target), { verb: 'retry', target });
    }
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
  expect(new Set(report.phases.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
});

test('what an executive has aborted goes on only by the word of one who may abort', async () => {
  const executive: RecoveryPlan = { ...plan, authority: { ...plan.authority, abort: ['vp-engineering'] } };
  const stuck = { watchRecovery: async () => Promise.reject(broken('nobody answers')) };
  const fakes = createFakes(stuck);
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, executive, 'region-failover');
    await approve(env, recovering);
    await decide(env, recovering, phasePaused('verify'), { verb: 'abort', identity: 'vp@lab.test' });
    expect(await verifyAgain(recovering)).toMatchObject({
      accepted: false,
      detail: expect.stringMatching(/may not retry; vp-engineering may/),
    });
    expect(await verifyAgain(recovering, gateOpen('failback'), 'vp@lab.test')).toMatchObject({ accepted: true });
    await decide(env, recovering, phasePaused('verify'), { verb: 'rollback' });
    await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    return await recovering.result();
  });
  expect(report).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('stays in eu-central-1') });
});

test('the gate says what each answer leads to, and that a rollback to a standby loses nothing', async () => {
  const fakes = createFakes({ ...moving(), ...seeing(breach) });
  await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'switchover');
    await approve(env, recovering);
    const gate = gateOf(await statusWhen(recovering, gateOpen('failback')));
    expect(gate).toMatchObject({
      dataLoss: 'none: eu-central-1 hands over to its standby in us-east-1',
      answers: {
        approve: 'the system rolls back to us-east-1, and the writes made in eu-central-1 are kept',
        reject: 'the system stays in eu-central-1 as it is, and the recovery ends as failed',
        retry: expect.stringMatching(/^the system stays in eu-central-1: .* everything is verified/),
      },
    });
    await verifyAgain(recovering);
    await recovering.result();
  });
});

test('a recovery that was cancelled in Temporal offers no retry, nor does a gate that was open then', async () => {
  const fakes = createFakes(seeing(breach));
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'region-failover');
    await approve(env, recovering);
    expect(gateOf(await statusWhen(recovering, gateOpen('failback')))?.answers).toHaveProperty('retry');
    await recovering.cancel();
    const withdrawn = (status: RecoveryStatus) => gateOf(status)?.answers.retry === undefined;
    await statusWhen(recovering, withdrawn);
    expect(await verifyAgain(recovering)).toMatchObject({ accepted: false });
    await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    return await recovering.result();
  });
  expect(report.outcome).toBe('failed');
});

test('a cancellation past the promotion asks whether to roll back, without a retry', async () => {
  const fakes = createFakes({ watchRecovery: async () => Promise.reject(broken('nobody answers')) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'region-failover');
    await approve(env, recovering);
    await statusWhen(recovering, phasePaused('verify'));
    await recovering.cancel();
    expect(gateOf(await statusWhen(recovering, gateOpen('failback')))?.answers).not.toHaveProperty('retry');
    await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    return await recovering.result();
  });
  expect(report.outcome).toBe('failed');
});
