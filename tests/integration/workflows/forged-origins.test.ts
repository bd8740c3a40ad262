import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { eventually } from '../../../lab/eventually.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { incidentId, incidentStatusQuery, recoveryId } from '../../../workflows/incident-messages.ts';
import { TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import {
  createFakes,
  type Fakes,
  hold,
  servingRegion,
  standbyRegion,
  vantageFacts,
} from '../../support/workflows/fakes.ts';
import { type Recovering, startRealServer, teeiPlan, withWorkers } from '../../support/workflows/harness.ts';
import { alert, incidentWhen, type OpenIncident, planFor, raise } from '../../support/workflows/incidents.ts';

/** On a real server, which sets what a run comes from as production does. */
let env: TestWorkflowEnvironment;
let plan: RecoveryPlan;
let fakes: Fakes;

beforeAll(async () => {
  env = await startRealServer();
}, 60_000);
beforeEach(async () => {
  plan = planFor(await teeiPlan());
  fakes = createFakes({ observe: async ({ vantage }) => vantageFacts(vantage, [servingRegion, standbyRegion]) });
});
afterAll(() => env?.teardown());

const FORGERS_QUEUE = 'a-queue-of-their-own';
const move = { from: 'us-east-1', to: 'eu-central-1' };

/** What only a run of the system's own incident may say. */
const ordered = () => ({
  ...{
    plan: hold(plan),
    scenario: 'region-failover',
    ...move,
    detectedAt: new Date().toISOString(),
    trigger: 'a forger',
  },
  ...{ ordered: 'cto@example.com: do it now', approval: 'not-required', rule: 'region-lost' },
});
const madeUp = () => {
  const order = { scenario: 'region-failover', direction: move, by: 'cto@example.com' };
  return {
    plan: hold(plan),
    memory: { alerts: {}, shown: [], usedNonces: [], undelivered: [], timeline: [], summary: 'forged', ordered: order },
  };
};

/** Beside the product's workers, one of a party that polls a queue of its own. */
async function withForger(act: () => Promise<void>): Promise<void> {
  const workflowsPath = fileURLToPath(new URL('../../support/workflows/forger.ts', import.meta.url));
  const forger = await Worker.create({ connection: env.nativeConnection, taskQueue: FORGERS_QUEUE, workflowsPath });
  await forger.runUntil(() => withWorkers(env, fakes, act));
}

/** No recovery of the system has been started by the incident. */
async function startsNothing(open: OpenIncident): Promise<void> {
  await raise(env, plan, [alert()]);
  const { recovery } = await incidentWhen(open, ({ verdict }) => verdict !== null);
  expect(recovery).toBeNull();
  await open.terminate();
  expect(fakes.calls).not.toContain('fenceDatabase postgresql');
}

const openIncident = () => env.client.workflow.getHandle(incidentId(plan.system)) as OpenIncident;

test('the order of a parent that only bears the name of the incident is not believed', async () => {
  await withForger(async () => {
    const parent = await env.client.workflow.start('asParent', {
      workflowId: incidentId(plan.system),
      taskQueue: FORGERS_QUEUE,
      args: ['regionFailover', recoveryId(plan.system), TASK_QUEUE, ordered()],
    });
    await parent.result();
    const report = await (env.client.workflow.getHandle(recoveryId(plan.system)) as Recovering).result();
    expect(report).toMatchObject({ outcome: 'refused', approvals: [] });
  });
});

test('the memory of a run on a foreign queue that continues as an incident is not believed', async () => {
  await withForger(async () => {
    await env.client.workflow.start('asEarlierRun', {
      workflowId: incidentId(plan.system),
      taskQueue: FORGERS_QUEUE,
      args: [{ workflowType: 'incident', taskQueue: TASK_QUEUE }, madeUp()],
    });
    await eventually({ what: 'the run that continues it', withinMs: 20_000 }, async () => {
      expect((await openIncident().describe()).type).toBe('incident');
    });
    await startsNothing(openIncident());
  });
});

test('the memory of a run that Temporal starts once more, by a retry policy, is not believed', async () => {
  await withWorkers(env, fakes, async () => {
    const { workflowId } = await env.client.workflow.start('incident', {
      workflowId: incidentId(plan.system),
      taskQueue: TASK_QUEUE,
      workflowRunTimeout: '10s',
      retry: { maximumAttempts: 50, initialInterval: '100ms' },
      args: [madeUp()],
    });
    const open = openIncident();
    const first = (await open.describe()).runId;
    await eventually({ what: 'a run that is started once more', withinMs: 60_000 }, async () => {
      const { summary } = await open.query(incidentStatusQuery);
      expect((await open.describe()).runId).not.toBe(first);
      expect(summary).not.toBe('forged');
    });
    await env.client.workflow.getHandle(workflowId).terminate();
  });
}, 120_000);
