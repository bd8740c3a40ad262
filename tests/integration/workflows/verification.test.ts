import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchRequest, WatchResult } from '../../../activities/contract.ts';
import { milliseconds } from '../../../plan/duration.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Report } from '../../../plan/report.ts';
import { broken, createFakes, type Fakes, healthy } from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  phasePaused,
  type Recovering,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

const LATER = '2030-01-01T00:03:00.000Z';
const down: WatchResult = {
  ...healthy,
  healthy: false,
  healthySince: null,
  checks: [{ name: 'api', outcome: 'failed', detail: '503', at: LATER }],
};

/** A watch that sees one thing after another; the first that it is asked for is until the system is healthy. */
function seeing(...seen: WatchResult[]): { fakes: Fakes; requests: WatchRequest[] } {
  const requests: WatchRequest[] = [];
  const fakes = createFakes({
    watchRecovery: async (request) => {
      requests.push(request);
      return seen[requests.length - 1] ?? healthy;
    },
  });
  return { fakes, requests };
}

async function play(fakes: Fakes, change: (plan: RecoveryPlan) => void = () => {}, act = async (_: Recovering) => {}) {
  const changed = structuredClone(plan);
  change(changed);
  return await withWorkers(env, fakes, async (): Promise<Report> => {
    const recovering = await startFailover(env, changed);
    await approve(env, recovering);
    await act(recovering);
    return await recovering.result();
  });
}

const verifyOf = ({ phases }: Report) => phases.find(({ name }) => name === 'verify');
const scenarioOf = ({ scenarios }: RecoveryPlan) =>
  scenarios['region-failover'] as NonNullable<(typeof scenarios)['region-failover']>;

test('recovered is from where the run of green checks began that the watch ended with', async () => {
  const { fakes } = seeing(healthy, { ...healthy, healthySince: LATER });
  const report = await play(fakes);
  expect(report).toMatchObject({ outcome: 'recovered', recoveredAt: LATER });
  expect(verifyOf(report)?.detail).toBe(`all checks green since ${LATER}; watched for 5s`);
});

test('a system that falls over while it is watched does not count as recovered until it is green again', async () => {
  const fell = { ...down, over: false, watchedMs: 1_000, lookedAt: '2030-01-01T00:01:00.000Z' };
  const rose = { ...healthy, over: false, watchedMs: 2_000, healthySince: LATER };
  const { fakes, requests } = seeing(healthy, fell, rose, { ...healthy, healthySince: LATER });
  const report = await play(fakes);
  expect(report).toMatchObject({ outcome: 'recovered', recoveredAt: LATER, checks: healthy.checks });
  const told = report.timeline.map(({ text }) => text);
  expect(told).toEqual(expect.arrayContaining(['not healthy any more: api (503)', 'all checks are green again']));
  // Each goes on from where the one before was, and knows what is believed of the system.
  expect(requests.map(({ until, watched }) => [until, watched?.watchedMs, watched?.healthySince])).toEqual([
    ['healthy', undefined, undefined],
    ['end', 0, healthy.healthySince],
    ['end', 1_000, null],
    ['end', 2_000, LATER],
  ]);
});

test('a watch that ends badly pauses, and the clocks go on: half of the objective escalates, the criterion acts', async () => {
  const { fakes } = seeing(healthy, down);
  const report = await play(
    fakes,
    () => {},
    async (recovering) => {
      const { summary } = await statusWhen(recovering, phasePaused('verify'));
      expect(summary).toMatch(/not healthy: api \(503\)/);
    },
  );
  // Nobody decides on going back either.
  expect(report).toMatchObject({ outcome: 'failed', recoveredAt: null, recoveryTime: { met: null } });
  expect(report.reason).toMatch(/more than 600 s/);
  expect(report.notifications.map(({ kind }) => kind)).toContain('escalation');
});

test('a watch that cannot be kept leaves nothing that counts as recovered', async () => {
  const fakes = createFakes({
    watchRecovery: async ({ until }) => {
      if (until === 'end') throw broken('the plan cannot be read');
      return healthy;
    },
  });
  const report = await play(
    fakes,
    () => {},
    async (recovering) => {
      await decide(env, recovering, phasePaused('verify'), { verb: 'rollback' });
      await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    },
  );
  expect(report).toMatchObject({ outcome: 'failed', recoveredAt: null, recoveryTime: { actualSeconds: null } });
});

test('the budget is for getting healthy: the watch after it is shown apart', async () => {
  const WATCHED_MS = 7_000;
  const fakes = createFakes({
    watchRecovery: async ({ until }) => {
      if (until === 'end') await sleep(WATCHED_MS);
      return healthy;
    },
  });
  const report = await play(fakes, (changed) => {
    const phase = scenarioOf(changed).phases.find(({ name }) => name === 'verify');
    Object.assign(phase as object, { budget: '6s' });
  });
  expect(report.timeline.map(({ text }) => text)).not.toContain('verify is over its budget of 6 s');
  const { actualSeconds, watchSeconds } = verifyOf(report) ?? {};
  expect(watchSeconds).toBeGreaterThanOrEqual(WATCHED_MS / 1000);
  expect(actualSeconds).toBeLessThan(6);
  expect(verifyOf(report)).not.toHaveProperty('watchingSince');
  expect(report.phases.filter((phase) => 'watchSeconds' in phase).map(({ name }) => name)).toEqual(['verify']);
});

test('a watch may last as long as the plan says', async () => {
  let timeouts: number[] = [];
  const { fakes } = seeing(healthy, healthy);
  await play(
    fakes,
    (changed) => Object.assign(scenarioOf(changed), { watch: '3h' }),
    async (recovering) => {
      await recovering.result();
      const { events } = await recovering.fetchHistory();
      timeouts = (events ?? [])
        .map(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled)
        .filter((scheduled) => scheduled?.activityType?.name === 'watchRecovery')
        .map((scheduled) => Number(scheduled?.startToCloseTimeout?.seconds) * 1000);
    },
  );
  expect(timeouts).toHaveLength(2);
  expect(timeouts[1]).toBeGreaterThan(milliseconds('3h'));
});

test('a phase that is paused in its watch and tried again begins with health', async () => {
  const { fakes, requests } = seeing(healthy, down);
  const report = await play(
    fakes,
    () => {},
    async (recovering) => {
      await decide(env, recovering, phasePaused('verify'), { verb: 'retry', target: 'verify' });
    },
  );
  expect(report.outcome).toBe('recovered');
  expect(requests.map(({ until }) => until)).toEqual(['healthy', 'end', 'healthy', 'end']);
});
