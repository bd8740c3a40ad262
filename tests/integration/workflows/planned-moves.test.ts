import type { Activities } from '../../../activities/contract.ts';
import { Report } from '../../../plan/report.ts';
import {
  broken,
  createFakes,
  deadRegion,
  type Fakes,
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
  phaseOutcomes,
  phasePaused,
  type Recovering,
  stage,
  startScenario,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const seeing = (regions: typeof failedOver) => ({
  observe: async ({ vantage }: { vantage: string }) => vantageFacts(vantage, regions),
});
const lossless = {
  compareLedger: async () => ({ lostAcknowledgedWrites: 0 }),
  promoteDatabase: async () => ({ ...promotion, dataLoss: { seconds: 0, bytes: 0, method: 'none' } }),
};
const moving = (change: Partial<Activities> = {}) =>
  createFakes({ ...seeing([servingRegion, standbyRegion]), ...lossless, ...change });
const returning = (change: Partial<Activities> = {}) => createFakes({ ...seeing(failedOver), ...lossless, ...change });

/** Plays a scenario to its end. */
function play(
  scenario: 'switchover' | 'failback',
  fakes: Fakes,
  act: (recovering: Recovering) => Promise<unknown> = (recovering) => approve(env, recovering),
): Promise<Report> {
  return withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, scenario);
    await act(recovering);
    return await recovering.result();
  });
}

/** Fails unless the calls came one after the other. */
function inOrder(calls: string[], ...expected: string[]) {
  expect(calls.filter((call) => expected.includes(call))).toEqual(expected);
}

describe('a switchover', () => {
  test('records from the approval on what nothing changes before its phase, and the mirror once it is one', async () => {
    const fakes = moving();
    await play('switchover', fakes);
    inOrder(fakes.calls, 'captureDns dns', 'handOverDatabase database', 'cutOverDns dns');
    inOrder(fakes.calls, 'mirrorStream events', 'captureStream events', 'promoteStream events', 'mirrorStream events');
  });

  test('does what it can beforehand, then hands over, moves, and leaves a standby behind', async () => {
    const rebuilt: string[] = [];
    const fakes = moving({
      rebuildStandby: async ({ from, to }) => {
        rebuilt.push(`${to} follows ${from}`);
        return { changed: true, detail: 'rebuilt' };
      },
    });
    const report = await play('switchover', fakes);
    expect(Report.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      outcome: 'recovered',
      reason: 'teei-csr serves from eu-central-1; us-east-1 is its standby',
      dataLoss: { objectiveSeconds: 0, actualSeconds: 0, met: true },
    });
    expect(new Set(Object.values(phaseOutcomes(report)))).toEqual(new Set(['done']));
    inOrder(
      fakes.calls,
      ...['scaleWorkloads workloads', 'handOverDatabase database', 'awaitNoLag database', 'fenceDatabase database'],
      ...['promoteDatabase database', 'repointWorkloads workloads', 'registerTargets balancer', 'cutOverDns dns'],
      'standDownWorkloads workloads',
    );
    inOrder(
      fakes.calls,
      ...['mirrorStream events', 'handOverDatabase database', 'promoteStream events', 'cutOverDns dns'],
      'mirrorStream events',
    );
    expect(rebuilt).toEqual(['us-east-1 follows eu-central-1']);
  });

  test('promotes the stream only with all of the source, and lets both replicas fetch', async () => {
    const asked: unknown[] = [];
    const fetching: string[] = [];
    const fakes = moving({
      promoteStream: async ({ upToDate }) => {
        asked.push(upToDate);
        return { changed: true, detail: 'promoted' };
      },
      rejoinAnalytics: async ({ to }) => {
        fetching.push(to);
        return { changed: true, detail: to };
      },
    });
    await play('switchover', fakes);
    expect(asked).toEqual([true]);
    expect(fetching.sort()).toEqual(['eu-central-1', 'us-east-1']);
  });

  const away = { ...servingRegion, serviceReachable: false, databaseReachable: false, databaseRole: null };
  test.each([
    ['the primary is not reachable', [away, standbyRegion], /FactsUnknown: us-east-1 is not seen to be reachable/],
    [
      'it cannot be told who is primary',
      [{ ...servingRegion, databaseRole: null }, standbyRegion],
      /not seen to be the primary/,
    ],
    [
      'the other region has a primary',
      [servingRegion, { ...standbyRegion, databaseRole: 'primary' as const }],
      /AlreadyServing/,
    ],
    [
      'the other region is not reachable',
      [servingRegion, { ...standbyRegion, serviceReachable: null }],
      /cannot take over/,
    ],
    [
      'there is no standby',
      [servingRegion, { ...standbyRegion, databaseReachable: false, databaseRole: null }],
      /StandbyMissing/,
    ],
    ['the lag is unknown', [servingRegion, { ...standbyRegion, replayAgeSeconds: null }], /FactsUnknown: how far/],
    ['the lag is large', [servingRegion, { ...standbyRegion, replayAgeSeconds: 11 }], /StandbyTooFarBehind/],
  ])('is refused when %s', async (_, regions, reason) => {
    const fakes = moving(seeing(regions));
    const report = await play('switchover', fakes, async () => {});
    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(reason) });
    expect(fakes.calls).not.toContain('handOverDatabase database');
  });

  test('is not made without approval', async () => {
    const fakes = moving();
    const report = await play('switchover', fakes, (recovering) =>
      decide(env, recovering, gateOpen('approve'), { verb: 'reject', target: 'approve' }),
    );
    expect(report.outcome).toBe('refused');
    expect(fakes.calls).not.toContain('scaleWorkloads workloads');
  });

  test('a hand-over that fails is withdrawn by a rollback, without asking', async () => {
    const fakes = moving({ handOverDatabase: async () => Promise.reject(broken('the guard does not answer')) });
    const report = await play('switchover', fakes, async (recovering) => {
      await approve(env, recovering);
      await decide(env, recovering, phasePaused('hand-over'), { verb: 'rollback' });
    });
    expect(report).toMatchObject({ outcome: 'rolled-back', dataLoss: { actualSeconds: null } });
    expect(fakes.calls).toContain('returnDatabase database');
    expect(fakes.calls).not.toContain('promoteDatabase database');
  });

  test('a standby that does not catch up is never promoted: the wait is not skipped', async () => {
    const fakes = moving({ awaitNoLag: async () => Promise.reject(broken('it replays no more')) });
    const report = await play('switchover', fakes, async (recovering) => {
      await approve(env, recovering);
      await statusWhen(recovering, phasePaused('hand-over'));
      // Clients do not wait for people.
      expect(fakes.calls).toContain('returnDatabase database');
      const skip = await decide(env, recovering, phasePaused('hand-over'), { verb: 'skip', target: 'hand-over' });
      expect(skip).toMatchObject({ accepted: false, detail: expect.stringContaining('cannot be skipped') });
      await decide(env, recovering, phasePaused('hand-over'), { verb: 'rollback' });
    });
    expect(report.outcome).toBe('rolled-back');
    expect(fakes.calls).not.toContain('fenceDatabase database');
  });

  test('a hand-over that is tried again goes on', async () => {
    let attempts = 0;
    const fakes = moving({
      awaitNoLag: async () => {
        attempts += 1;
        if (attempts === 1) throw broken('it replays no more');
        return { changed: false, detail: 'all replayed' };
      },
    });
    const report = await play('switchover', fakes, async (recovering) => {
      await approve(env, recovering);
      await decide(env, recovering, phasePaused('hand-over'), { verb: 'retry', target: 'hand-over' });
    });
    expect(report.outcome).toBe('recovered');
  });

  test('an old primary that cannot be rebuilt is skipped by people, and not called a standby', async () => {
    const fakes = moving({ rebuildStandby: async () => Promise.reject(broken('no room for a copy')) });
    const report = await play('switchover', fakes, async (recovering) => {
      await approve(env, recovering);
      const target = 'rebuild-old-primary';
      await decide(env, recovering, phasePaused(target), { verb: 'skip', target });
    });
    expect(report).toMatchObject({ outcome: 'recovered', reason: expect.stringContaining('us-east-1 is fenced') });
  });

  test('past the promotion people decide on going back, and are told that nothing is lost by it', async () => {
    const breach = { ...healthy, healthy: false, breach: '4 critical services fail; more than 3 roll back.' };
    const fakes = moving({ watchRecovery: async () => breach });
    const report = await play('switchover', fakes, async (recovering) => {
      await approve(env, recovering);
      const { gates } = await statusWhen(recovering, gateOpen('failback'));
      expect(gates[0]?.question).toMatch(/rolling back to us-east-1 keeps them/);
      await decide(env, recovering, gateOpen('failback'), { verb: 'approve', target: 'failback' });
    });
    expect(report.outcome).toBe('rolled-back');
    expect(report.phases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['rollback-workloads', 'rollback-workloads-in-us-east-1', 'rollback-database']),
    );
  });
});

describe('a failback', () => {
  test('rebuilds the region that is back, then moves to it, the other way round', async () => {
    const rebuilt: string[] = [];
    const fakes = returning({
      rebuildStandby: async ({ from, to }) => {
        rebuilt.push(`${to} follows ${from}`);
        return { changed: true, detail: 'rebuilt' };
      },
    });
    const report = await play('failback', fakes);
    expect(report).toMatchObject({
      outcome: 'recovered',
      from: 'eu-central-1',
      to: 'us-east-1',
      reason: 'teei-csr serves from us-east-1; eu-central-1 is its standby',
      recoveryTime: { objectiveSeconds: 1_800 },
      dataLoss: { objectiveSeconds: 0, met: true },
    });
    expect(rebuilt).toEqual(['us-east-1 follows eu-central-1', 'eu-central-1 follows us-east-1']);
    inOrder(fakes.calls, ...['handOverDatabase database', 'promoteDatabase database', 'cutOverDns dns']);
  });

  test('is refused when nobody serves, and when both do', async () => {
    const [serving = servingRegion, fenced = deadRegion] = failedOver;
    const nobody = returning(seeing([{ ...serving, databaseRole: 'standby' }, fenced]));
    expect((await play('failback', nobody, async () => {})).reason).toMatch(/not seen to be the primary/);
    const both = returning(seeing([serving, { ...fenced, databaseReachable: true, databaseRole: 'primary' }]));
    expect((await play('failback', both, async () => {})).reason).toMatch(/AlreadyServing/);
  });

  test('stops nothing while the rebuilt region has not caught up', async () => {
    const fakes = returning({ rebuildStandby: async () => Promise.reject(broken('pg_rewind: no such file')) });
    const report = await play('failback', fakes, async (recovering) => {
      await approve(env, recovering);
      const status = await statusWhen(recovering, phasePaused('rebuild-standby'));
      expect(status.summary).toMatch(/pg_rewind/);
      expect(fakes.calls).not.toContain('handOverDatabase database');
      await decide(env, recovering, phasePaused('rebuild-standby'), { verb: 'rollback' });
    });
    expect(report.outcome).toBe('rolled-back');
    expect(fakes.calls).not.toContain('returnDatabase database');
  });
});
