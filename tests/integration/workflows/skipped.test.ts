import type { Report } from '../../../plan/report.ts';
import {
  broken,
  createFakes,
  type Fakes,
  healthy,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  phaseOutcomes,
  phasePaused,
  type Recovering,
  stage,
  startScenario,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

/** A recovery in which a phase pauses, its skipping is refused, and it is rolled back. */
async function skipping(phase: string, fakes: Fakes, scenario: 'region-failover' | 'switchover' = 'region-failover') {
  return await withWorkers(env, fakes, async (): Promise<Report> => {
    const recovering = await startScenario(env, plan, scenario);
    await approve(env, recovering);
    const skipped = await decide(env, recovering, phasePaused(phase), { verb: 'skip', target: phase });
    expect(skipped).toMatchObject({
      accepted: false,
      detail: expect.stringContaining(`${phase} proves or protects and cannot be skipped; retry it, or roll back`),
    });
    await decide(env, recovering, phasePaused(phase), { verb: 'rollback' });
    if (phase === 'verify') await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    else await approveFailbackIfAsked(recovering);
    return await recovering.result();
  });
}

/** Past the promotion it is asked before anything is put back. */
async function approveFailbackIfAsked(recovering: Recovering): Promise<void> {
  const { gates } = await statusWhen(recovering, ({ state }) => state === 'waiting' || state === 'rolled-back');
  if (gates.length > 0) await decide(env, recovering, () => true, { verb: 'approve', target: 'failback' });
}

const calledOf = ({ calls }: Fakes, verbs: RegExp) => calls.filter((call) => verbs.test(call));
const LEADING = /^(repointWorkloads|rebuildCache|cutOverDns|rebuildStandby)/;

test('a promotion is not skipped: no client is led to a database that takes no writes', async () => {
  const fakes = createFakes({ fenceDatabase: async () => Promise.reject(broken('no such bucket')) });
  const report = await skipping('promote-database', fakes);
  expect(report).toMatchObject({ outcome: 'rolled-back', recoveredAt: null });
  expect(calledOf(fakes, LEADING)).toEqual([]);
  expect(fakes.calls).toContain('returnDatabase database');
});

test('nor in a planned move, whose old primary has handed over', async () => {
  const fakes = createFakes({
    observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]),
    fenceDatabase: async () => Promise.reject(broken('no such bucket')),
  });
  const report = await skipping('promote-database', fakes, 'switchover');
  expect(report.outcome).toBe('rolled-back');
  expect(calledOf(fakes, /^(repointWorkloads|rebuildCache|cutOverDns)/)).toEqual([]);
  expect(fakes.calls).toContain('returnDatabase database');
});

test.each([
  ['scale-up', 'scaleWorkloads'],
  ['repoint', 'repointWorkloads'],
  ['register-targets', 'registerTargets'],
  ['promote-stream', 'promoteStream'],
] as const)('%s is not skipped: clients would come to a region that cannot serve them', async (phase, verb) => {
  const fakes = createFakes({
    observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]),
    [verb]: async () => Promise.reject(broken('not today')),
  });
  const report = await skipping(phase, fakes, 'switchover');
  expect(report.outcome).toBe('rolled-back');
  expect(calledOf(fakes, /^(cutOverDns|standDownWorkloads)/)).toEqual([]);
});

test('a verification is not skipped; a failback that is rejected leaves the system where it is, unverified', async () => {
  const checks = [{ name: 'api', outcome: 'failed' as const, detail: '503', at: '2030-01-01T00:00:00.000Z' }];
  const fakes = createFakes({
    watchRecovery: async () => ({ ...healthy, healthy: false, healthySince: null, checks }),
  });
  const report = await skipping('verify', fakes);
  expect(report).toMatchObject({
    outcome: 'failed',
    recoveredAt: null,
    recoveryTime: { actualSeconds: null, met: null },
    // What was lost is known all the same: the database was promoted.
    dataLoss: { actualSeconds: 2, lostAcknowledgedWrites: 3 },
    checks,
  });
  expect(report.reason).toMatch(
    /^rollback ordered by sre@lab.test; not rolled back \(.*\): the system stays in eu-central-1$/,
  );
  expect(calledOf(fakes, /^(restore|return)/)).toEqual([]);
  expect(phaseOutcomes(report)).toMatchObject({ 'cut-over-dns': 'done', verify: 'cancelled' });
});

test('what leads clients is not skipped on the way back: nothing behind it is put back before', async () => {
  let answers = false;
  const fakes = createFakes({
    observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]),
    watchRecovery: async () => ({ ...healthy, healthy: false, breach: 'all fails' }),
    restoreDns: async ({ component }) =>
      answers || component.name === 'dns' ? { changed: true, detail: 'back' } : Promise.reject(broken('no answer')),
  });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'switchover');
    await approve(env, recovering);
    await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
    const target = 'rollback-edge-dns';
    const skipped = await decide(env, recovering, phasePaused(target), { verb: 'skip', target });
    expect(skipped).toMatchObject({ accepted: false, detail: expect.stringContaining('cannot be skipped') });
    // The region that was left is at strength again; the one that serves has lost nothing yet.
    expect(calledOf(fakes, /^(restoreTargets|restoreStream|restoreWorkloads)/)).toEqual(['restoreWorkloads workloads']);
    answers = true;
    await decide(env, recovering, phasePaused(target), { verb: 'retry', target });
    return await recovering.result();
  });
  expect(report.outcome).toBe('rolled-back');
});
