import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { pino } from 'pino';
import { type DatabaseLocation, type Workloads, watchWorkloads } from '../../../lab/application/workloads.ts';
import { eventually } from '../../../lab/eventually.ts';
import type { Lab } from '../../../lab/lab.ts';
import { provisionKubernetes } from '../../../lab/provision/kubernetes.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { startLab } from '../../support/activities/lab.ts';
import { kubeconfigOf, STANDBY, SYSTEM } from '../../support/lab/shape.ts';

/** What the application sees of its Deployment, on a real control plane. */
let lab: Lab;
let kubeconfig: string;
let workloads: Workloads;
const told: DatabaseLocation[] = [];

const namespace = SYSTEM;
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
function cluster(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
}
const patchDeployment = (spec: object) =>
  cluster().makeApiClient(AppsV1Api).patchNamespacedDeployment({ name: 'api', namespace, body: { spec } }, merge);
const patchSecret = (stringData: object) =>
  cluster()
    .makeApiClient(CoreV1Api)
    .patchNamespacedSecret({ name: 'database', namespace, body: { stringData } }, merge);

const provisioned = () => ({ shape: lab.shape, wiring: { ...lab.wiring, LAB_POSTGRES_PORT: '5432' } });

async function ready(pods: number): Promise<void> {
  await eventually({ what: `${pods} ready pods`, withinMs: 30_000, everyMs: 20 }, async () => {
    if (workloads.readyPods() !== pods) throw new Error(`there are ${workloads.readyPods()}`);
  });
}

async function toldTimes(times: number): Promise<void> {
  await eventually({ what: `the database told ${times} times`, withinMs: 30_000, everyMs: 20 }, async () => {
    if (told.length < times) throw new Error(`told ${told.length} times`);
  });
}

beforeAll(async () => {
  lab = await startLab('workloads', [`${STANDBY}/kubernetes`]);
  kubeconfig = await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', kubeconfigOf(STANDBY));
  await provisionKubernetes(provisioned(), STANDBY);
  const log = pino({ level: 'silent' });
  workloads = await watchWorkloads({ kubeconfig, namespace, log, onDatabase: (location) => told.push(location) });
}, 60_000);
afterAll(async () => {
  await workloads?.stop();
  await lab?.down();
}, 30_000);

test("the standby's two pods become ready and are told of the primary's database", async () => {
  await ready(2);
  await toldTimes(1);
  expect(told).toEqual([{ host: lab.wiring['LAB_A_HOST'], port: 5432 }]);
});

test('scaling is seen, and is no rollout: another Secret is not read', async () => {
  await patchSecret({ host: '127.0.0.99' });
  await patchDeployment({ replicas: 6 });
  await ready(6);
  expect(told).toHaveLength(1);
});

test('a completed rollout reads the Secret', async () => {
  await patchDeployment({ template: { metadata: { annotations: { rollout: '2' } } } });
  await toldTimes(2);
  expect(told[1]).toEqual({ host: '127.0.0.99', port: 5432 });
  await ready(6);
});

test('provisioning again leaves what has moved where it is', async () => {
  await provisionKubernetes(provisioned(), STANDBY);
  const { spec } = await cluster().makeApiClient(AppsV1Api).readNamespacedDeployment({ name: 'api', namespace });
  expect(spec?.replicas).toBe(6);
});
