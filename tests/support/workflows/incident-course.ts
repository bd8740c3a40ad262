import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { eventually } from '../../../lab/eventually.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import { approve, type Recovering } from './harness.ts';
import { alert, incidentWhen, type OpenIncident, raise, say } from './incidents.ts';

/** Few enough that the incident goes on in another run before it closes. */
const EVENTS_PER_RUN = 30;

/** The runs of an incident whose histories are saved. */
export const INCIDENT_RUNS = ['first', 'last'] as const;

/**
 * An incident from its first alert until it closes, in more runs than one: its recovery is approved and recovers, the alert
 * is resolved, and somebody acknowledges. Answers its first run and its last.
 */
export async function playIncident(
  env: TestWorkflowEnvironment,
  plan: RecoveryPlan,
): Promise<Record<(typeof INCIDENT_RUNS)[number], OpenIncident>> {
  const { workflow } = env.client;
  const open = await raise(env, plan, [alert()], { eventsPerRun: EVENTS_PER_RUN });
  const { runId } = await open.describe();
  await incidentWhen(open, ({ summary }) => /under way/.test(summary));
  const recovering = workflow.getHandle(recoveryId(plan.system)) as Recovering;
  await approve(env, recovering);
  await recovering.result();
  await incidentWhen(open, ({ recoveries }) => recoveries.length > 0);
  await eventually({ what: 'another run', withinMs: 60_000, everyMs: 50 }, async () => {
    if ((await open.describe()).runId === runId) throw new Error('it is still the first');
  });
  await raise(env, plan, [alert({ status: 'resolved' })]);
  await incidentWhen(open, ({ counts }) => counts.firing === 0);
  await say(env, open, { verb: 'acknowledge' });
  await open.result();
  return { first: workflow.getHandle(open.workflowId, runId), last: open };
}
