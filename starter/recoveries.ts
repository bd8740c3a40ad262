import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { byPlan, type Direction, servesAfter } from '../plan/direction.ts';
import { planRef, type RecoveryPlan } from '../plan/recovery-plan.ts';
import type { Report } from '../plan/report.ts';
import { type IncidentStatus, incidentId, incidentStatusQuery, recoveryId } from '../workflows/incident-messages.ts';
import {
  approversQuery,
  DECIDES_WITHIN,
  type RecoveryInput,
  type RecoveryStart,
  type RecoveryStatus,
  SCENARIO_WORKFLOWS,
  statusQuery,
  TASK_QUEUE,
} from '../workflows/recovery/messages.ts';
import { DEFAULT_TIMEOUT_MS } from './client.ts';
import { StarterError } from './errors.ts';
import { runningSteps } from './running-steps.ts';
import type { Approvers } from './ssh-keys.ts';
import { withSearchAttributes } from './start-attributes.ts';
import { type Call, call } from './temporal-call.ts';
import { withTemporalControls } from './temporal-controls.ts';

const asking = (client: Client, system: string, timeoutMs: number, answeredBy: Call['answeredBy']): Call => ({
  client,
  timeoutMs,
  answeredBy,
  missing: `no recovery of ${system} is running or has run; start one with "npx lifeboat start ${system} --environment …"`,
  taskQueue: TASK_QUEUE,
});

/** The status of the system's recovery, or of its last one. Needs a worker; fails within `timeoutMs`. */
export async function fetchStatus(
  client: Client,
  system: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<RecoveryStatus> {
  const handle = client.workflow.getHandle(recoveryId(system));
  const described = await call(asking(client, system, timeoutMs, 'server'), () => handle.describe());
  const status = await call(asking(client, system, timeoutMs, 'worker'), () => handle.query(statusQuery));
  const steps = await runningSteps(described.raw.pendingActivities ?? [], client.options.loadedDataConverter);
  return { ...withTemporalControls(status, described), ...(steps.length > 0 && { steps }) };
}

/** The status of the system's open incident; null when there is none. */
export async function fetchIncident(
  client: Client,
  system: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<IncidentStatus | null> {
  const handle = client.workflow.getHandle(incidentId(system));
  try {
    const { status } = await call(asking(client, system, timeoutMs, 'server'), () => handle.describe());
    if (status.name !== 'RUNNING') return null;
    return await call(asking(client, system, timeoutMs, 'worker'), () => handle.query(incidentStatusQuery));
  } catch (error) {
    if (error instanceof StarterError && error.kind === 'nothing-running') return null;
    throw error;
  }
}

/** The approvers of the plan that a run goes by. Needs a worker; fails within `timeoutMs`. */
export async function fetchApprovers(
  client: Client,
  { system, workflowId, runId }: Pick<RecoveryStatus, 'system' | 'workflowId'> & { runId?: string },
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<Approvers> {
  const approvers = await call(asking(client, system, timeoutMs, 'worker'), () =>
    client.workflow.getHandle(workflowId, runId).query(approversQuery),
  );
  return { approvers };
}

/** Begins a recovery by hand and answers its run id. Refuses while one is open: the id is the lock. */
export async function startRecovery(
  client: Client,
  input: RecoveryInput,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<{ workflowId: string; runId: string }> {
  const { plan, scenario, from, to } = input;
  const start: RecoveryStart = { ...input, plan: planRef(plan) };
  const workflowId = recoveryId(plan.system);
  try {
    const handle = await call(asking(client, plan.system, timeoutMs, 'server'), () =>
      withSearchAttributes({ ...plan, scenario }, (attributes) =>
        client.workflow.start(SCENARIO_WORKFLOWS[scenario], {
          workflowId,
          taskQueue: TASK_QUEUE,
          args: [start],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          workflowTaskTimeout: DECIDES_WITHIN,
          staticSummary: `${scenario} of ${plan.system}: ${from} -> ${to}`,
          staticDetails: `${plan.title}, environment ${plan.environment} (${plan.mode}). Started by ${input.trigger}.`,
          ...attributes,
        }),
      ),
    );
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new StarterError(
      'refused',
      `a recovery of ${plan.system} is running already; see "npx lifeboat status ${plan.system}"`,
    );
  }
}

/** Where the system serves, by its last recovery; as the plan has it when there was none that could tell. */
export async function fetchDirection(
  client: Client,
  { system, regions }: Pick<RecoveryPlan, 'system' | 'regions'>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<Direction> {
  try {
    return servesAfter(await fetchReport(client, system, undefined, timeoutMs)) ?? byPlan(regions);
  } catch (error) {
    const cannotTell = ['nothing-running', 'refused', 'failed'];
    if (error instanceof StarterError && cannotTell.includes(error.kind)) return byPlan(regions);
    throw error;
  }
}

/** The report of a recovery that has ended. Needs no worker. */
export async function fetchReport(
  client: Client,
  system: string,
  runId?: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<Report> {
  const handle = client.workflow.getHandle(recoveryId(system), runId);
  const ask = asking(client, system, timeoutMs, 'server');
  const { status } = await call(ask, () => handle.describe());
  if (status.name === 'RUNNING') {
    throw new StarterError('refused', `the recovery of ${system} is still running; its report comes when it has ended`);
  }
  try {
    return await call(ask, () => handle.result());
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new StarterError(
      'failed',
      `the recovery of ${system} left no report: ${error.cause?.message ?? error.message}`,
      error,
    );
  }
}
