import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Outcome } from '../../../plan/report.ts';
import type { ScenarioName } from '../../../plan/schema.ts';
import {
  broken,
  createFakes,
  type Fakes,
  failedOver,
  healthy,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from './fakes.ts';
import { approve, decide, gateOpen, phasePaused, type Recovering, statusWhen } from './harness.ts';

/** A recovery that ends in one way, as people and the outside world bring it about. */
export interface Course {
  scenario: ScenarioName;
  outcome: Outcome;
  fakes: () => Fakes;
  act: (env: TestWorkflowEnvironment, recovering: Recovering) => Promise<unknown>;
}

const breach = { ...healthy, healthy: false, breach: '4 critical services fail; more than 3 roll back.' };
const unfenced = { fenceDatabase: async () => Promise.reject(broken('the lease cannot be read')) };

/** One course for each outcome that a failover can have. */
const FAILOVERS: Omit<Course, 'scenario'>[] = [
  { outcome: 'recovered', fakes: () => createFakes(), act: approve },
  {
    outcome: 'rolled-back',
    fakes: () => createFakes(unfenced),
    async act(env, recovering) {
      await approve(env, recovering);
      await statusWhen(recovering, phasePaused('promote-database'));
      await decide(env, recovering, phasePaused('promote-database'), { verb: 'retry', target: 'promote-database' });
      await decide(env, recovering, phasePaused('promote-database'), { verb: 'rollback' });
    },
  },
  {
    outcome: 'aborted',
    fakes: () => createFakes(),
    act: (env, recovering) => decide(env, recovering, gateOpen('approve'), { verb: 'abort' }),
  },
  {
    outcome: 'refused',
    fakes: () => createFakes(),
    act: (env, recovering) => decide(env, recovering, gateOpen('approve'), { verb: 'reject', target: 'approve' }),
  },
  {
    outcome: 'failed',
    fakes: () => createFakes({ watchRecovery: async () => breach }),
    async act(env, recovering) {
      await approve(env, recovering);
      await decide(env, recovering, gateOpen('failback'), { verb: 'reject', target: 'failback' });
    },
  },
];

const well = {
  observe: async ({ vantage }: { vantage: string }) => vantageFacts(vantage, [servingRegion, standbyRegion]),
};
const back = { observe: async ({ vantage }: { vantage: string }) => vantageFacts(vantage, failedOver) };
const stuck = { handOverDatabase: async () => Promise.reject(broken('the guard of us-east-1 does not answer')) };

/** What planned moves come to, where that differs from failovers. */
const MOVES: Course[] = [
  { scenario: 'switchover', outcome: 'recovered', fakes: () => createFakes(well), act: approve },
  {
    scenario: 'switchover',
    outcome: 'rolled-back',
    fakes: () => createFakes({ ...well, ...stuck }),
    async act(env, recovering) {
      await approve(env, recovering);
      await decide(env, recovering, phasePaused('hand-over'), { verb: 'rollback' });
    },
  },
  { scenario: 'switchover', outcome: 'refused', fakes: () => createFakes(), act: async () => {} },
  { scenario: 'failback', outcome: 'recovered', fakes: () => createFakes(back), act: approve },
  {
    scenario: 'failback',
    outcome: 'aborted',
    fakes: () => createFakes(back),
    act: (env, recovering) => decide(env, recovering, gateOpen('approve'), { verb: 'abort' }),
  },
];

/** Every course of which a history is saved. */
export const COURSES: Course[] = [
  ...FAILOVERS.map((course) => ({ scenario: 'region-failover' as const, ...course })),
  ...MOVES,
];

/** A plan on which everybody in the tests may abort. */
export function abortable(plan: RecoveryPlan): RecoveryPlan {
  return { ...plan, authority: { ...plan.authority, abort: ['on-call-sre'] } };
}
