import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../../activities/contract.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { IncidentStatus } from '../../../workflows/incident-messages.ts';
import { createFakes, deadRegion, type Fakes, standbyRegion, vantageFacts } from './fakes.ts';
import { withWorkers } from './harness.ts';
import { freshAlert, type OpenIncident, planFor, raise, unhurried, withRule } from './incidents.ts';

/** The rule by which the matter is put to people. */
export const RULE = 'region-lost';

/** A plan in which a lost region is a matter that only people can see to. */
export const forPeople = (plan: RecoveryPlan, change: Partial<RecoveryPlan> = {}): RecoveryPlan => ({
  ...unhurried(withRule(planFor(plan), RULE, { action: 'database-failover' })),
  ...change,
});

/** An incident from its alert to its end, with what `during` does in between. */
export async function incidentOf(
  env: TestWorkflowEnvironment,
  plan: RecoveryPlan,
  notify: Activities['notify'],
  during: (open: OpenIncident, fakes: Fakes) => Promise<unknown>,
  eventsPerRun?: number,
): Promise<IncidentStatus> {
  const observe: Activities['observe'] = async ({ vantage }) => vantageFacts(vantage, [deadRegion, standbyRegion]);
  const fakes = createFakes({ notify, observe });
  return await withWorkers(env, fakes, async () => {
    const first = await freshAlert(env);
    const open = await raise(env, plan, [first], { ...(eventsPerRun !== undefined && { eventsPerRun }) });
    await during(open, fakes);
    await raise(env, plan, [{ ...first, status: 'resolved' }]);
    return await open.result();
  });
}
