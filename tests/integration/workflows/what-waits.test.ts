import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import {
  broken,
  createFakes,
  failedOver,
  healthy,
  promotion,
  provedFence,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  phasePaused,
  promotionStuck,
  type Recovering,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan: known } = await stage();
const plan = { ...known, authority: { ...known.authority, abort: ['vp-engineering'] } };

const unproved = { ...provedFence, proved: false, evidence: 'no lease is configured' };
const breach = { ...healthy, healthy: false, breach: '4 critical services fail; more than 3 roll back.' };

const stop = (recovering: Recovering, verb: 'abort' | 'rollback', when = (_: RecoveryStatus) => true) =>
  decide(env, recovering, when, { verb, identity: verb === 'abort' ? 'vp@lab.test' : 'sre@lab.test' });

test('while a gate is open and a phase is paused the state names what waits, until nothing does', async () => {
  let quota = false;
  const fakes = createFakes({
    fenceDatabase: async () => unproved,
    scaleWorkloads: async () =>
      quota ? { changed: true, detail: 'scaled' } : Promise.reject(broken('quota exceeded')),
  });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    const both = await statusWhen(
      recovering,
      (status) => gateOpen('split-brain')(status) && phasePaused('scale-up')(status),
    );
    expect(both).toMatchObject({ state: 'waiting', summary: expect.stringContaining('no lease is configured') });
    await decide(env, recovering, gateOpen('split-brain'), { verb: 'approve', target: 'split-brain' });
    const one = await statusWhen(recovering, ({ gates }) => gates.length === 0);
    expect(one).toMatchObject({ state: 'paused', summary: expect.stringMatching(/^scale-up is paused: .*quota/) });
    quota = true;
    await decide(env, recovering, () => true, { verb: 'retry', target: 'scale-up' });
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
});

test('a phase of a rollback that is tried again is still rolling back, and what was paused before waits no more', async () => {
  let restoring = () => {};
  const restored = new Promise<void>((resolve) => {
    restoring = resolve;
  });
  let attempts = 0;
  const fakes = createFakes({
    fenceDatabase: async () => Promise.reject(broken('unreadable')),
    restoreWorkloads: async () => {
      attempts += 1;
      if (attempts === 1) throw broken('conflict');
      await restored;
      return { changed: true, detail: 'restored' };
    },
  });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    await stop(recovering, 'rollback', promotionStuck);
    const paused = await statusWhen(recovering, phasePaused('rollback-workloads'));
    expect(paused).toMatchObject({ state: 'paused', goingBack: expect.stringContaining('rollback ordered by') });
    expect(paused.summary).toMatch(/^rollback-workloads is paused/);
    await decide(env, recovering, () => true, { verb: 'retry', target: 'rollback-workloads' });
    const again = await statusWhen(recovering, ({ phases }) =>
      phases.some(({ name, state }) => name === 'rollback-workloads' && state === 'running'),
    );
    expect(again.state).toBe('rolling-back');
    restoring();
    return await recovering.result();
  });
  expect(report.outcome).toBe('rolled-back');
  const stopped = report.phases.find(({ name }) => name === 'promote-database');
  expect(stopped).toMatchObject({ outcome: 'cancelled', detail: expect.stringContaining('unreadable') });
});

test.each(['abort', 'rollback'] as const)(
  'an order to %s while it goes back is refused, with what to say instead',
  async (verb) => {
    let promoted = false;
    let guardAnswers = false;
    const fakes = createFakes({
      observe: async ({ vantage }) => vantageFacts(vantage, promoted ? failedOver : undefined),
      promoteDatabase: async () => {
        promoted = true;
        return promotion;
      },
      watchRecovery: async () => breach,
      returnDatabase: async () =>
        guardAnswers ? { changed: true, detail: 'returned' } : Promise.reject(broken('the guard does not answer')),
    });
    const report = await withWorkers(env, fakes, async () => {
      const recovering = await startFailover(env, plan);
      await approve(env, recovering);
      expect(await stop(recovering, verb, gateOpen('failback'))).toEqual({
        accepted: false,
        detail:
          'rollback in progress: it cannot be aborted. To leave the system in eu-central-1, reject at the gate "failback": npx lifeboat reject teei-csr --gate failback --reason "…"',
      });
      await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
      expect(await stop(recovering, verb, phasePaused('rollback-database'))).toMatchObject({
        accepted: false,
        detail:
          'rollback in progress: it cannot be aborted. Paused rollback phases can be retried, and those that protect nothing skipped',
      });
      const target = 'rollback-database';
      expect(await decide(env, recovering, () => true, { verb: 'skip', target })).toMatchObject({
        accepted: false,
        detail: expect.stringContaining(`${target} proves or protects and cannot be skipped; retry it`),
      });
      expect(fakes.calls).not.toContain('restoreDns dns');
      guardAnswers = true;
      await decide(env, recovering, () => true, { verb: 'retry', target });
      return await recovering.result();
    });
    expect(report).toMatchObject({ outcome: 'rolled-back', reason: breach.breach });
  },
);
