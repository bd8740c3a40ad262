import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { deploymentOptions } from '../../../workers/deployment.ts';
import { workerOptions } from '../../../workers/options.ts';
import { TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { temporalServer } from '../../support/starter/temporal.ts';
import { eventually, shortPlan, startFailover } from '../../support/workers/recoveries.ts';
import { broken, createFakes } from '../../support/workflows/fakes.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const deploymentName = 'lifeboat';
let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await temporalServer();
});

afterAll(() => env?.teardown());

async function workerOf(buildId: string): Promise<Worker> {
  const { activities } = createFakes({ invalidateCdn: () => Promise.reject(broken('the CDN is gone')) });
  const deployment = deploymentOptions({ TEMPORAL_WORKER_BUILD_ID: buildId });
  const where = { connection: env.nativeConnection, namespace: 'default', taskQueue: TASK_QUEUE };
  return await Worker.create(await workerOptions({ ...where, activities, deployment }));
}

/** Refused until the server has seen a poller of that version. */
const makeCurrent = (buildId: string) =>
  eventually(() =>
    env.client.workflowService.setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId }),
  );

async function startedOn() {
  const plan = { ...(await shortPlan('invalidate-cdn')), system: `teei-${randomUUID().slice(0, 8)}` };
  const recovering = await startFailover(env, plan);
  await eventually(async () => {
    expect((await recovering.describe()).searchAttributes['LifeboatPhase']).toEqual(['invalidate-cdn']);
  });
  return recovering;
}

async function versionOf(workflowId: string) {
  const { workflowExecutionInfo } = await env.client.workflowService.describeWorkflowExecution({
    namespace: 'default',
    execution: { workflowId },
  });
  return workflowExecutionInfo?.versioningInfo;
}

const PINNED = 1;

test('a recovery stays with the build that it started on; the next one starts on the current build', async () => {
  const [first, second] = [await workerOf('1'), await workerOf('2')];
  await first.runUntil(
    second.runUntil(async () => {
      await makeCurrent('1');
      const early = await startedOn();
      await makeCurrent('2');
      const late = await startedOn();
      expect((await versionOf(early.workflowId))?.behavior).toBe(PINNED);
      expect((await versionOf(early.workflowId))?.deploymentVersion?.buildId).toBe('1');
      expect((await versionOf(late.workflowId))?.deploymentVersion?.buildId).toBe('2');
      await Promise.all([early.terminate(), late.terminate()]);
    }),
  );
});

test('without a build id a worker is unversioned', () => {
  expect(deploymentOptions({ TEMPORAL_DEPLOYMENT_NAME: 'lifeboat' })).toBeUndefined();
});
