import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';

import { type Statement, statementText, type Verb } from '../../../plan/decision.ts';
import { milliseconds } from '../../../plan/duration.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Report } from '../../../plan/report.ts';
import { usualDirection } from '../../../plan/scenario.ts';
import type { ScenarioName } from '../../../plan/schema.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { workflowBundle } from '../../../workers/bundle.ts';
import { keepAlive } from '../../../workers/keep-alive.ts';
import { addSearchAttributes, registerSearchAttributes } from '../../../workers/register-search-attributes.ts';
import { recoveryId } from '../../../workflows/incident-messages.ts';
import {
  type DecisionVerdict,
  type RecoveryStart,
  type RecoveryStatus,
  regionTaskQueue,
  SCENARIO_WORKFLOWS,
  statusQuery,
  TASK_QUEUE,
} from '../../../workflows/recovery/messages.ts';
import type { recover } from '../../../workflows/recovery/recover.ts';
import { SEARCH_ATTRIBUTES } from '../../../workflows/recovery/search-attributes.ts';
import { answered, DEADLINE_MS, sendDecision } from './ask.ts';
import { type Fakes, hold, PEOPLE } from './fakes.ts';
import './quiet-runtime.ts';
import { developmentServer, timeSkippingServer } from './start-server.ts';

/** A time-skipping server: one clock for all, so its tests run one after another. */
export async function startServer(): Promise<TestWorkflowEnvironment> {
  const env = await timeSkippingServer();
  // The test server cannot list the attributes that it has, so nothing is looked up first.
  await addSearchAttributes(
    env.nativeConnection,
    'default',
    SEARCH_ATTRIBUTES.map(({ name }) => name),
  );
  return env;
}

/** For the tests of a file: a time-skipping server, which ends after them, and the plan of the lab. */
export async function stage(): Promise<{ env: TestWorkflowEnvironment; plan: RecoveryPlan }> {
  const env = await startServer();
  afterAll(() => env.teardown());
  return { env, plan: await teeiPlan() };
}

/** A real Temporal server, whose histories are those of production; its clock cannot be moved. */
export async function startRealServer(): Promise<TestWorkflowEnvironment> {
  const env = await developmentServer();
  await registerSearchAttributes(env.nativeConnection, 'default');
  return env;
}

/** Away from the timers of incidents and recoveries, which all run in steps of 15 s. */
const BETWEEN_TIMERS_MS = 7_000;

/**
 * Lets this much time pass, and seven seconds more. What a test does next must not meet a timer: the
 * server loses a run that cancels one at the moment it fires ("invalid history builder state").
 */
export async function letPass(env: TestWorkflowEnvironment, duration: string): Promise<void> {
  await env.sleep(milliseconds(duration) + BETWEEN_TIMERS_MS);
}

export async function teeiPlan(change: Partial<RecoveryPlan> = {}): Promise<RecoveryPlan> {
  // Everybody whose signature the fakes know; their keys are looked at by OpenSSH alone.
  const approvers = Object.entries(PEOPLE).map(([identity, roles]) => ({ identity, roles, keys: [] }));
  return { ...(await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab' })), approvers, ...change };
}

export type Recovering = WorkflowHandle<typeof recover>;

export const startFailover = (env: TestWorkflowEnvironment, plan: RecoveryPlan) =>
  startScenario(env, plan, 'region-failover');

/**
 * In the direction that the scenario usually goes.
 *
 * @param lock the id of a recovery that must have ended by itself
 */
export async function startScenario(
  env: TestWorkflowEnvironment,
  plan: RecoveryPlan,
  scenario: ScenarioName,
  lock?: string,
): Promise<Recovering> {
  const start: RecoveryStart = {
    plan: hold(plan),
    scenario,
    ...usualDirection(plan, scenario),
    detectedAt: new Date(await env.currentTimeMs()).toISOString(),
    trigger: 'a test',
  };
  const workflowId = lock ?? recoveryId(plan.system);
  const begin = () =>
    env.client.workflow.start<typeof recover>(SCENARIO_WORKFLOWS[scenario], {
      args: [start],
      taskQueue: TASK_QUEUE,
      workflowId,
    });
  // Where a test before left one open, that one ends.
  return await begin().catch(async (error) => {
    if (lock !== undefined || !(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await env.client.workflow.getHandle(workflowId).terminate('another test begins');
    return await begin();
  });
}

/** Workers for the main queue and both regions, as long as `act` takes. */
export async function withWorkers<T>(
  env: TestWorkflowEnvironment,
  { activities }: Fakes,
  act: () => Promise<T>,
): Promise<T> {
  // As the product's, they give signs of life while an activity waits.
  const interceptors = { activity: [keepAlive] };
  const options = { connection: env.nativeConnection, activities: { ...activities }, interceptors };
  const main = await Worker.create({ ...options, taskQueue: TASK_QUEUE, workflowBundle: await workflowBundle() });
  const [east, central] = await Promise.all(
    ['us-east-1', 'eu-central-1'].map((region) =>
      Worker.create({ ...options, taskQueue: regionTaskQueue({ regionWorkers: 'teei-csr' }, region) }),
    ),
  );
  return await main.runUntil(async () => (await east?.runUntil(async () => await central?.runUntil(act))) as T);
}

/** The status as soon as it fits; the test fails with the last one seen when it does not in time. */
export async function statusWhen(
  recovering: Recovering,
  fits: (status: RecoveryStatus) => boolean,
): Promise<RecoveryStatus> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const status = await answered(recovering.client, () => recovering.query(statusQuery));
    if (fits(status)) return status;
    if (Date.now() > deadline) throw new Error(`still ${status.state}: ${status.summary}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const gateOpen = (name: string) => (status: RecoveryStatus) => status.gates.some((gate) => gate.name === name);

export const phasePaused = (name: string) => (status: RecoveryStatus) =>
  status.phases.some((phase) => phase.name === name && phase.state === 'paused');

export const phaseDone = (name: string) => (status: RecoveryStatus) =>
  status.phases.some((phase) => phase.name === name && phase.state === 'done');

/** The promotion has paused, and what goes on beside it has been changed: it is there to be put back. */
export const promotionStuck = (status: RecoveryStatus) =>
  phasePaused('promote-database')(status) && phaseDone('scale-up')(status);

interface Decision {
  verb: Verb;
  target?: string;
  identity?: string;
  /** Replaces what a careful person would sign. */
  change?: Partial<Statement>;
}

/** A decision as the CLI would sign it from this status; the fake signature is the identity. */
export async function signedDecision(env: TestWorkflowEnvironment, status: RecoveryStatus, decision: Decision) {
  const { verb, target = 'recovery', identity = 'sre@lab.test', change = {} } = decision;
  const gate = status.gates.find(({ name }) => name === target);
  const now = await env.currentTimeMs();
  const statement: Statement = {
    type: 'lifeboat/decision/v1',
    verb,
    workflowId: status.workflowId,
    runId: status.runId,
    planHash: status.planHash,
    target,
    action: gate?.action ?? (target === 'recovery' ? `${verb} ${status.scenario}` : `${verb} ${target}`),
    factsDigest: gate?.factsDigest ?? null,
    identity,
    reason: null,
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 600_000).toISOString(),
    nonce: randomUUID(),
    ...change,
  };
  return { statement: statementText(statement), signature: identity };
}

/** Decides on what the recovery shows when `fits` first holds. */
export async function decide(
  env: TestWorkflowEnvironment,
  recovering: Recovering,
  fits: (status: RecoveryStatus) => boolean,
  decision: Decision,
): Promise<DecisionVerdict> {
  const status = await statusWhen(recovering, fits);
  return await sendDecision(recovering, await signedDecision(env, status, decision));
}

export async function approve(env: TestWorkflowEnvironment, recovering: Recovering): Promise<DecisionVerdict> {
  return await decide(env, recovering, gateOpen('approve'), { verb: 'approve', target: 'approve' });
}

export const phaseOutcomes = (report: Report) =>
  Object.fromEntries(report.phases.map(({ name, outcome }) => [name, outcome]));
