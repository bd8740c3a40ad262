import type { Activities } from '../../../activities/contract.ts';
import { usualDirection } from '../../../plan/scenario.ts';
import { type Scenario, ScenarioName } from '../../../plan/schema.ts';
import { createFakes, type Fakes } from '../../support/workflows/fakes.ts';
import {
  approve,
  stage,
  startFailover,
  startScenario,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';
import { validVariants } from '../../support/workflows/orders.ts';
import { worldOf } from '../../support/workflows/world.ts';

const { env, plan } = await stage();

const ENDED = ['recovered', 'refused', 'failed', 'rolled-back', 'aborted'];

/** Workers are made once: their activities are those of the world that there is at the time. */
function changing(current: () => Fakes): Fakes {
  const { activities } = createFakes();
  const forwarded = Object.keys(activities).map((verb) => [
    verb,
    (input: never) => (current().activities[verb as keyof Activities] as (input: never) => Promise<unknown>)(input),
  ]);
  return { calls: [], activities: Object.fromEntries(forwarded) as Activities };
}

test.each(ScenarioName.options)(
  'of %s, whatever phase or two are left out, and whichever are turned round or side by side: what validates can run',
  async (name) => {
    const { to } = usualDirection(plan, name);
    const own = plan.scenarios[name] as Scenario;
    const variants = [{ what: 'as it is', scenario: own }, ...validVariants(plan, name, own)];
    let world = worldOf(name, to);
    const outcomes: Record<string, string> = {};
    await withWorkers(
      env,
      changing(() => world),
      async () => {
        for (const { what, scenario } of variants) {
          world = worldOf(name, to);
          const recovering = await startScenario(env, { ...plan, scenarios: { [name]: scenario } }, name);
          await approve(env, recovering);
          const { state, summary } = await statusWhen(
            recovering,
            (status) => status.state === 'paused' || ENDED.includes(status.state),
          );
          outcomes[what] = state === 'recovered' ? state : summary;
          if (state === 'paused') await recovering.terminate();
        }
      },
    );
    expect(outcomes).toEqual(Object.fromEntries(variants.map(({ what }) => [what, 'recovered'])));
    // Without these it is no complete recovery, so that little is left out.
    expect(variants.length).toBeGreaterThan(6);
  },
  240_000,
);

test('a plan that no validation has seen leads no client to a database that nobody promoted', async () => {
  const own = plan.scenarios['region-failover'] as Scenario;
  const phases = own.phases
    .filter(({ action }) => action !== 'promote-database')
    .map((phase) => ({
      ...phase,
      needs: phase.needs.map((need) => (need === 'promote-database' ? 'approve' : need)),
    }));
  const fakes = createFakes();
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, { ...plan, scenarios: { 'region-failover': { ...own, phases } } });
    await approve(env, recovering);
    return await recovering.result();
  });
  expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/^database was not promoted/) });
  expect(fakes.calls.filter((call) => /^(cutOverDns|repointWorkloads|rebuildCache)/.test(call))).toEqual([]);
});
