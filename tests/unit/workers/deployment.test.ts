import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { deploymentOptions, NO_BUILD_ID, warnOfLive } from '../../../workers/deployment.ts';
import { heldPlans } from '../../../workers/held-plans.ts';
import { labPlan } from '../../support/starter/plans.ts';

test('a worker without a build id warns of each live environment once, and of no drill', async () => {
  const plan = await labPlan();
  const warnings: unknown[][] = [];
  const held = warnOfLive(heldPlans({}), { warn: (...warning: unknown[]) => void warnings.push(warning) });
  const live = (system: string): RecoveryPlan => ({ ...plan, system, mode: 'live', environment: 'production' });
  for (const kept of [plan, live('teei'), live('teei'), live('golf')]) await held.keep(kept);
  expect(plan.mode).toBe('drill');
  expect(warnings).toEqual([
    [{ system: 'teei', environment: 'production' }, NO_BUILD_ID],
    [{ system: 'golf', environment: 'production' }, NO_BUILD_ID],
  ]);
  expect(await held.kept(plan.hash)).toMatchObject({ system: plan.system });
});

test('a build id makes it a version, to which what it starts is pinned', () => {
  expect(deploymentOptions({})).toBeUndefined();
  expect(deploymentOptions({ TEMPORAL_WORKER_BUILD_ID: 'a1' })).toMatchObject({
    version: { deploymentName: 'lifeboat', buildId: 'a1' },
    defaultVersioningBehavior: 'PINNED',
  });
});
