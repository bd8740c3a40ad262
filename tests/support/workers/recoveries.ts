import type { Client, WorkflowHandle } from '@temporalio/client';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Scenario } from '../../../plan/schema.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import { type RecoveryStart, TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import type { recover } from '../../../workflows/recovery/recover.ts';
import { hold } from '../workflows/fakes.ts';

/** The plan of teei-csr cut down to some of its phases, with a gate that closes after a second. */
export async function shortPlan(...names: string[]): Promise<RecoveryPlan> {
  const plan = await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab' });
  const scenario = plan.scenarios['region-failover'] as Scenario;
  const phases = scenario.phases
    .filter(({ name }) => names.includes(name))
    .map((phase) => ({ ...phase, needs: phase.needs.filter((need) => names.includes(need)) }));
  return {
    ...plan,
    scenarios: { 'region-failover': { ...scenario, phases, gate: { ...scenario.gate, expires: '1s' } } },
  };
}

/** Starts a failover by this plan. */
export async function startFailover(
  { client }: { client: Client },
  plan: RecoveryPlan,
  workflowId = recoveryId(plan.system),
): Promise<WorkflowHandle<typeof recover>> {
  const start: RecoveryStart = {
    plan: hold(plan),
    scenario: 'region-failover',
    from: 'us-east-1',
    to: 'eu-central-1',
    detectedAt: new Date().toISOString(),
    trigger: 'a test',
  };
  return await client.workflow.start('regionFailover', {
    args: [start],
    taskQueue: TASK_QUEUE,
    workflowId,
  });
}

/** Asks until `ask` answers something; throws the last failure when it does not in time. */
export async function eventually<T>(ask: () => Promise<T>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
