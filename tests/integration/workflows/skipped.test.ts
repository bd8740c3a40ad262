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
  phaseOutcomes,
  phasePaused,
  stage,
  startScenario,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

/** A recovery in which a phase pauses and people go on without it. */
async function skipping(phase: string, fakes: Fakes, scenario: 'region-failover' | 'switchover' = 'region-failover') {
  return await withWorkers(env, fakes, async (): Promise<Report> => {
    const recovering = await startScenario(env, plan, scenario);
    await approve(env, recovering);
    await decide(env, recovering, phasePaused(phase), { verb: 'skip', target: phase });
    return await recovering.result();
  });
}

const calledOf = ({ calls }: Fakes, verbs: RegExp) => calls.filter((call) => verbs.test(call));
const LEADING = /^(repointWorkloads|rebuildCache|cutOverDns|rebuildStandby)/;

test('without the promotion nobody is led to a database that takes no writes', async () => {
  const fakes = createFakes({ fenceDatabase: async () => Promise.reject(broken('no such bucket')) });
  const report = await skipping('promote-postgresql', fakes);
  expect(report).toMatchObject({ outcome: 'refused', recoveredAt: null });
  expect(report.reason).toMatch(/^database was not promoted in eu-central-1: clients would be led to/);
  expect(calledOf(fakes, LEADING)).toEqual([]);
  expect(fakes.calls).toContain('returnDatabase database');
});

test('nor in a planned move, whose old primary has handed over', async () => {
  const fakes = createFakes({
    observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]),
    fenceDatabase: async () => Promise.reject(broken('no such bucket')),
  });
  const report = await skipping('promote-postgresql', fakes, 'switchover');
  expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/^database was not promoted/) });
  expect(calledOf(fakes, /^(repointWorkloads|rebuildCache|cutOverDns)/)).toEqual([]);
  expect(fakes.calls).toContain('returnDatabase database');
});

test('without a verification it stays where it is, and is no success', async () => {
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
    /^teei-csr was moved to eu-central-1 and not verified: skipped by people after: .*api \(503\); us-east-1 is fenced$/,
  );
  expect(calledOf(fakes, /^(restore|return)/)).toEqual([]);
  expect(phaseOutcomes(report)).toMatchObject({ 'cut-over-dns': 'done', verify: 'skipped' });
});
