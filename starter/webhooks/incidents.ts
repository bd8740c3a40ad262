import type { Client } from '@temporalio/client';
import { planRef, type RecoveryPlan } from '../../plan/recovery-plan.ts';
import { type Alert, alertsSignal, type IncidentStart, incidentId } from '../../workflows/incident-messages.ts';
import { TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { withSearchAttributes } from '../start-attributes.ts';
import { call } from '../temporal-call.ts';

/** Where the gateway hands its alerts to. */
export interface Incidents {
  /** Resolves once Temporal has the alerts. Rejects within `timeoutMs` when it cannot be known that it has. */
  raise(plan: RecoveryPlan, alerts: Alert[], timeoutMs: number): Promise<void>;
  /** Rejects when Temporal cannot take alerts now. */
  check(timeoutMs: number): Promise<void>;
}

/** Incidents as workflows: one per system, begun by its first alert and told of all others. */
export function incidentsInTemporal(client: Client): Incidents {
  const about = (timeoutMs: number) =>
    ({
      client,
      timeoutMs,
      answeredBy: 'server',
      missing: 'no such namespace or workflow',
      taskQueue: TASK_QUEUE,
    }) as const;
  return {
    raise: (plan, alerts, timeoutMs) =>
      call(about(timeoutMs), () => signalWithStart(client, plan, alerts)).catch(asNotTaken),
    check: (timeoutMs) =>
      call(about(timeoutMs), async () => {
        await client.workflowService.describeNamespace({ namespace: client.options.namespace });
      }),
  };
}

/** Whatever the reason, Temporal does not have the alerts, and the sender should come again. */
function asNotTaken(error: unknown): never {
  if (error instanceof StarterError) throw error;
  throw new StarterError('failed', `Temporal did not take the alerts: ${(error as Error).message}`, error);
}

async function signalWithStart(client: Client, plan: RecoveryPlan, alerts: Alert[]): Promise<void> {
  const start: IncidentStart = { plan: planRef(plan) };
  await withSearchAttributes(plan, (attributes) =>
    client.workflow.signalWithStart('incident', {
      workflowId: incidentId(plan.system),
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: TASK_QUEUE,
      args: [start],
      signal: alertsSignal,
      signalArgs: [alerts],
      staticSummary: `Incident of ${plan.system}`,
      staticDetails: `${plan.title}, environment ${plan.environment} (${plan.mode}). Opened by ${alerts[0]?.name}.`,
      ...attributes,
    }),
  );
}
