import { objectivesOf, usualDirection } from '../../../plan/scenario.ts';

const plan = {
  objectives: { recoveryTimeSeconds: 300, dataLossSeconds: 10 },
  regions: { primary: 'us-east-1', standby: 'eu-central-1' },
};

test("a scenario is held to its own objectives, and to the plan's where it has none", () => {
  expect(objectivesOf(plan, {})).toEqual(plan.objectives);
  expect(objectivesOf(plan, { objectives: { dataLoss: '0s' } })).toEqual({
    recoveryTimeSeconds: 300,
    dataLossSeconds: 0,
  });
  expect(objectivesOf(plan, { objectives: { recoveryTime: '30m' } })).toMatchObject({ recoveryTimeSeconds: 1_800 });
});

test('a failback returns to the primary region, everything else leaves the region that serves', () => {
  expect(usualDirection(plan, 'failback')).toEqual({ from: 'eu-central-1', to: 'us-east-1' });
  expect(usualDirection(plan, 'switchover')).toEqual({ from: 'us-east-1', to: 'eu-central-1' });
  const moved = { from: 'eu-central-1', to: 'us-east-1' };
  expect(usualDirection(plan, 'region-failover', moved)).toEqual(moved);
  expect(usualDirection(plan, 'failback', moved)).toEqual(moved);
});
