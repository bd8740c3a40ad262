import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type Statement, statementText } from '../../../plan/decision.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { incident } from '../../../workflows/incident.ts';
import {
  type Alert,
  alertsSignal,
  type IncidentStatus,
  incidentId,
  incidentStatusQuery,
} from '../../../workflows/incident-messages.ts';
import { type DecisionVerdict, TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { answered, DEADLINE_MS, sendDecision } from './ask.ts';
import { healed, hold } from './fakes.ts';

export type OpenIncident = WorkflowHandle<typeof incident>;

/** Plans of systems of their own, so that tests do not meet in one recovery. */
export const planFor = (plan: RecoveryPlan, change: Partial<RecoveryPlan['decisions']> = {}): RecoveryPlan => ({
  ...plan,
  system: `teei-${randomUUID().slice(0, 8)}`,
  decisions: { ...plan.decisions, lookEvery: '15s', ...change },
});

/** With an objective so long that half of it does not come into the way. */
export const unhurried = (plan: RecoveryPlan): RecoveryPlan => ({
  ...plan,
  objectives: { ...plan.objectives, recoveryTimeSeconds: 24 * 3_600 },
});

/** The same plan with a rule changed. */
export function withRule(plan: RecoveryPlan, name: string, change: object): RecoveryPlan {
  const rules = plan.decisions.rules.map((rule) => (rule.name === name ? { ...rule, ...change } : rule));
  return { ...plan, decisions: { ...plan.decisions, rules } };
}

const BEGAN = '2026-06-10T10:00:00.000Z';

export function alert(change: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'f0',
    status: 'firing',
    name: 'RegionUnreachable',
    labels: { alertname: 'RegionUnreachable', system: 'teei-csr' },
    summary: 'the region is gone',
    startsAt: BEGAN,
    receivedAt: BEGAN,
    source: 'alertmanager',
    ...change,
  };
}

/** An alert that has just begun to fire: half of the objective counts from it. */
export const freshAlert = async (env: TestWorkflowEnvironment, change: Partial<Alert> = {}): Promise<Alert> =>
  alert({ startsAt: new Date(await env.currentTimeMs()).toISOString(), ...change });

/**
 * The test server's clock stops when a recovery ends after its incident has continued as new. So an incident that is not
 * meant to do so has all that tests make of it in one run.
 */
const ONE_RUN = 10_000;

/**
 * Sends alerts to the system's incident, as the gateway does. Where all of them are resolved the system is well again, if
 * not said otherwise: monitoring may only have gone quiet.
 */
export async function raise(
  env: TestWorkflowEnvironment,
  plan: RecoveryPlan,
  alerts: Alert[],
  { eventsPerRun = ONE_RUN, heals = true }: { eventsPerRun?: number; heals?: boolean } = {},
): Promise<OpenIncident> {
  if (heals && alerts.every(({ status }) => status === 'resolved')) healed.add(plan.system);
  else healed.delete(plan.system);
  await env.client.workflow.signalWithStart('incident', {
    workflowId: incidentId(plan.system),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue: TASK_QUEUE,
    args: [{ plan: hold(plan), eventsPerRun }],
    signal: alertsSignal,
    signalArgs: [alerts],
  });
  // Whatever run of it is open: it may continue as new.
  return env.client.workflow.getHandle<typeof incident>(incidentId(plan.system));
}

/** The incident's status as soon as it fits; fails with the last one seen when it does not in time. */
export async function incidentWhen(
  open: OpenIncident,
  fits: (status: IncidentStatus) => boolean,
): Promise<IncidentStatus> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const status = await incidentStatus(open);
    if (fits(status)) return status;
    if (Date.now() > deadline) throw new Error(`still: ${status.summary}\n${JSON.stringify(status.verdict)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const incidentStatus = (open: OpenIncident): Promise<IncidentStatus> =>
  answered(open.client, () => open.query(incidentStatusQuery));

interface Said {
  verb: 'acknowledge' | 'override';
  identity?: string;
  change?: Partial<Statement>;
  /** @default that of the identity */
  signature?: string;
}

/** Says something to an incident as the CLI would, in the words that its status shows. */
export async function say(env: TestWorkflowEnvironment, open: OpenIncident, said: Said): Promise<DecisionVerdict> {
  const { verb, identity = 'sre@lab.test', change = {}, signature = identity } = said;
  const status = await incidentStatus(open);
  const now = await env.currentTimeMs();
  const statement: Statement = {
    type: 'lifeboat/decision/v1',
    verb,
    workflowId: status.workflowId,
    runId: status.runId,
    planHash: status.planHash,
    target: 'incident',
    action: status.decisions.find((each) => each.verb === verb)?.action ?? 'nothing',
    factsDigest: null,
    identity,
    reason: 'seen to it',
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 600_000).toISOString(),
    nonce: randomUUID(),
    ...change,
  };
  const signed = { statement: statementText(statement), signature };
  return await sendDecision(open, signed);
}
