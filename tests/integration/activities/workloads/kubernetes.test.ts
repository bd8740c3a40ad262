import { AppsV1Api, AutoscalingV2Api, CoreV1Api, KubeConfig, type V1Deployment } from '@kubernetes/client-node';
import { componentFacts } from '../../../../activities/observe/components.ts';
import { workloadsActivities } from '../../../../activities/workloads/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { provisionKubernetes } from '../../../../lab/provision/kubernetes.ts';
import { readSecret } from '../../../../lab/secrets.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../../support/activities/step.ts';
import { DATABASE, SYSTEM } from '../../../support/lab/shape.ts';

const NAMESPACE = SYSTEM;
const PATIENCE = { what: 'the Deployment', withinMs: 30_000, everyMs: 50 };

describe('Kubernetes', () => {
  let lab: Lab;
  let apps: AppsV1Api;
  let core: CoreV1Api;
  let autoscaling: AutoscalingV2Api;
  let verbs: ReturnType<typeof workloadsActivities>;

  beforeAll(async () => {
    lab = await startLab('workloads', [`${TO}/kubernetes`]);
    const folder = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    verbs = workloadsActivities(depsOf(folder));
    const config = new KubeConfig();
    config.loadFromString(await readSecret(folder, `${SYSTEM}/kubernetes-${TO}`));
    apps = config.makeApiClient(AppsV1Api);
    core = config.makeApiClient(CoreV1Api);
    autoscaling = config.makeApiClient(AutoscalingV2Api);
    await provisionKubernetes(lab, TO);
  });

  afterAll(() => lab?.down());

  /** Every test begins with what the lab provisions: two pods that know the old primary. */
  beforeEach(async () => {
    await apps.deleteNamespacedDeployment({ name: 'api', namespace: NAMESPACE, propagationPolicy: 'Foreground' });
    await core.deleteNamespacedSecret({ name: 'database', namespace: NAMESPACE });
    await eventually(PATIENCE, async () => {
      const { items } = await apps.listNamespacedDeployment({ namespace: NAMESPACE });
      expect(items).toEqual([]);
    });
    await provisionKubernetes(lab, TO);
  });

  const workloads = (replicas = 6) =>
    wired('workloads', 'kubernetes', {
      shared: {
        namespace: NAMESPACE,
        deployments: [{ name: 'api', replicas, standbyReplicas: 1 }],
        databaseSecret: { name: 'database', hostKey: 'host', portKey: 'port', component: 'database' },
      },
      regions: {
        [FROM]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${FROM}` },
        [TO]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${TO}` },
      },
    });

  const database = () =>
    wired('database', 'postgres-streaming', {
      shared: {
        database: DATABASE,
        user: 'lifeboat',
        passwordSecret: 'x',
        tls: 'disable',
        replication: 'asynchronous',
      },
      regions: { [FROM]: { host: '127.0.0.10', port: 5432 }, [TO]: { host: '127.0.0.20', port: 5433 } },
    });

  const deployment = () => apps.readNamespacedDeployment({ name: 'api', namespace: NAMESPACE });

  async function secretData(): Promise<Record<string, string>> {
    const { data = {} } = await core.readNamespacedSecret({ name: 'database', namespace: NAMESPACE });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  /** Rollouts made so far: Kubernetes counts the templates a Deployment has had. */
  const revision = ({ metadata }: V1Deployment) => metadata?.annotations?.['deployment.kubernetes.io/revision'];

  test('scales up, once, and waits until the pods are ready', async () => {
    const step = stepOf(workloads());
    const first = await attempt(verbs.scaleWorkloads, step);
    expect(first.changed).toBe(true);
    expect(first.detail).toMatch(/^api 2 → 6, 6 ready after \d+\.\d s$/);
    const { spec, status, metadata } = await deployment();
    expect(spec?.replicas).toBe(6);
    expect(status?.readyReplicas).toBe(6);
    expect(metadata?.annotations?.['lifeboat.dev/recovery']).toBe(`recovery/${SYSTEM}/${step.recovery.epoch}`);

    expect(await attempt(verbs.scaleWorkloads, step)).toEqual({
      changed: false,
      detail: 'api already at 6, 6 ready',
    });
    expect((await deployment()).metadata?.generation).toBe(metadata?.generation);
  });

  test('confirms what it has scaled, sets it again where another writer has lowered it, and names the writer', async () => {
    const step = stepOf(workloads());
    await attempt(verbs.scaleWorkloads, step);
    expect(await attempt(verbs.confirmWorkloads, step)).toEqual({
      changed: false,
      detail: 'api already at 6, 6 ready',
    });
    await eventually(PATIENCE, async () => {
      const scale = { name: 'api', namespace: NAMESPACE };
      const body = { ...(await apps.readNamespacedDeploymentScale(scale)), spec: { replicas: 2 } };
      await apps.replaceNamespacedDeploymentScale({ ...scale, fieldManager: 'kubectl', body });
    });
    const { changed, detail } = await attempt(verbs.confirmWorkloads, step);
    expect(changed).toBe(true);
    expect(detail).toMatch(/^kubectl at \d\d:\d\d:\d\d UTC set api to 2; api 2 → 6, 6 ready after/);
    expect((await deployment()).status?.readyReplicas).toBe(6);
  });

  test('does not scale down what is stronger already', async () => {
    expect(await attempt(verbs.scaleWorkloads, stepOf(workloads(1)))).toMatchObject({ changed: false });
    expect((await deployment()).spec?.replicas).toBe(2);
  });

  test('points the pods at the new primary with one rollout, keeps other data of the Secret and the replica count', async () => {
    await core.replaceNamespacedSecret({
      name: 'database',
      namespace: NAMESPACE,
      body: { metadata: { name: 'database' }, stringData: { host: '127.0.0.10', port: '5432', schema: 'public' } },
    });
    const step = { ...stepOf(workloads()), database: database() };
    await attempt(verbs.scaleWorkloads, step);
    const first = await attempt(verbs.repointWorkloads, step);
    expect(first.changed).toBe(true);
    expect(first.detail).toMatch(/^database 127\.0\.0\.10:5432 → 127\.0\.0\.20:5433; api rolled out after \d+\.\d s$/);
    expect(await secretData()).toEqual({ host: '127.0.0.20', port: '5433', schema: 'public' });
    const after = await deployment();
    expect(after.spec?.replicas).toBe(6);
    expect(after.status).toMatchObject({ replicas: 6, updatedReplicas: 6, readyReplicas: 6 });
    expect(revision(after)).toBe('2');
    expect(after.spec?.template.metadata?.annotations).toEqual({
      'lifeboat.dev/database': `127.0.0.20:5433@${step.recovery.epoch}`,
    });

    expect(await attempt(verbs.repointWorkloads, step)).toEqual({
      changed: false,
      detail: 'database already 127.0.0.20:5433; api already rolled out',
    });
    expect(revision(await deployment())).toBe('2');
  });

  test('lets the region that was left stand by: at the new primary, and with the pods of a standby', async () => {
    // What is left here is the region of this cluster.
    const left = { ...stepOf(workloads()), from: TO, to: FROM, database: database() };
    const stoodDown = await attempt(verbs.standDownWorkloads, left);
    expect(stoodDown).toMatchObject({ changed: true, detail: expect.stringContaining('api 2 → 1, rolled out') });
    expect((await deployment()).status?.replicas).toBe(1);
    expect(await secretData()).toMatchObject({ host: '127.0.0.10', port: '5432' });
    expect(await attempt(verbs.standDownWorkloads, left)).toMatchObject({ changed: false });
  });

  test('lowers an autoscaler with its deployment, and puts both back', async () => {
    const left = { ...stepOf(workloads()), from: TO, to: FROM, database: database() };
    const there = { ...left, from: FROM, to: TO };
    const load = { name: 'load', namespace: NAMESPACE };
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' };
    await autoscaling.createNamespacedHorizontalPodAutoscaler({
      namespace: NAMESPACE,
      body: { metadata: { name: 'load' }, spec: { scaleTargetRef, minReplicas: 3, maxReplicas: 8 } },
    });
    const bounds = async () => {
      const { spec } = await autoscaling.readNamespacedHorizontalPodAutoscaler(load);
      return [spec?.minReplicas, spec?.maxReplicas];
    };
    try {
      await eventually(PATIENCE, async () => expect((await deployment()).status?.readyReplicas).toBe(3));
      const snapshot = await attempt(verbs.captureWorkloads, there);
      expect(snapshot.detail).toMatch(/^api at 3, autoscaler load 3 to 8, database /);
      await attempt(verbs.standDownWorkloads, left);
      expect(await bounds()).toEqual([1, 8]);
      expect((await deployment()).spec?.replicas).toBe(1);
      await attempt(verbs.restoreWorkloads, { ...there, snapshot });
      expect(await bounds()).toEqual([3, 8]);
      expect((await deployment()).status?.readyReplicas).toBe(3);
    } finally {
      await autoscaling.deleteNamespacedHorizontalPodAutoscaler(load);
    }
  });

  test('restores what was captured', async () => {
    const step = { ...stepOf(workloads()), database: database() };
    const data = await secretData();
    const { spec } = await deployment();
    const snapshot = await attempt(verbs.captureWorkloads, step);
    expect(snapshot.detail).toBe(`api at 2, database ${data['host']}:${data['port']}`);
    await attempt(verbs.scaleWorkloads, step);
    await attempt(verbs.repointWorkloads, step);

    const restored = await attempt(verbs.restoreWorkloads, { ...step, snapshot });
    expect(restored.changed).toBe(true);
    expect(restored.detail).toMatch(/; api 6 → 2, rolled out after \d+\.\d s$/);
    expect(await secretData()).toEqual(data);
    const after = await deployment();
    expect({ ...after.spec }).toEqual({ ...spec });
    expect(after.status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2 });
    expect(await attempt(verbs.restoreWorkloads, { ...step, snapshot })).toMatchObject({ changed: false });
  });

  test('refuses to undo a later recovery', async () => {
    const older = { ...stepOf(workloads(), recoveryRef(1_000)), database: database() };
    const newer = { ...stepOf(workloads(), recoveryRef(2_000)), database: database() };
    const snapshot = await attempt(verbs.captureWorkloads, older);
    await attempt(verbs.scaleWorkloads, newer);
    await attempt(verbs.repointWorkloads, newer);
    const before = { spec: (await deployment()).spec, data: await secretData() };

    for (const late of [
      attempt(verbs.scaleWorkloads, older),
      attempt(verbs.repointWorkloads, older),
      attempt(verbs.restoreWorkloads, { ...older, snapshot }),
    ]) {
      await expect(late).rejects.toMatchObject({
        type: 'LeaseLost',
        nonRetryable: true,
        message: expect.stringContaining(`belongs to recovery "recovery/${SYSTEM}/2000"`),
      });
    }
    expect({ spec: (await deployment()).spec, data: await secretData() }).toEqual(before);
  });

  test('what its own recovery has put back is not changed again', async () => {
    const step = { ...stepOf(workloads(), recoveryRef(1_000)), database: database() };
    const snapshot = await attempt(verbs.captureWorkloads, step);
    await attempt(verbs.scaleWorkloads, step);
    await attempt(verbs.restoreWorkloads, { ...step, snapshot });
    const message = expect.stringContaining(`belongs to recovery "recovery/${SYSTEM}/1000 restored"`);
    for (const late of [attempt(verbs.scaleWorkloads, step), attempt(verbs.repointWorkloads, step)]) {
      await expect(late).rejects.toMatchObject({ type: 'LeaseLost', nonRetryable: true, message });
    }
    expect((await deployment()).spec?.replicas).toBe(2);
    expect(await attempt(verbs.restoreWorkloads, { ...step, snapshot })).toMatchObject({ changed: false });
  });

  test('a later recovery that found nothing to do is not undone either', async () => {
    await attempt(verbs.scaleWorkloads, stepOf(workloads(2), recoveryRef(2_000)));
    await expect(attempt(verbs.scaleWorkloads, stepOf(workloads(), recoveryRef(1_000)))).rejects.toMatchObject({
      type: 'LeaseLost',
    });
    expect((await deployment()).spec?.replicas).toBe(2);
  });

  test('writes of two verbs at the same time both count', async () => {
    const step = { ...stepOf(workloads()), database: database() };
    await Promise.all([attempt(verbs.scaleWorkloads, step), attempt(verbs.repointWorkloads, step)]);
    const { spec } = await deployment();
    expect(spec?.replicas).toBe(6);
    expect(spec?.template.metadata?.annotations?.['lifeboat.dev/database']).toMatch(/^127\.0\.0\.20:5433@/);
  });

  test('cancellation ends a wait, and what is waited for is told', async () => {
    await pause();
    const heartbeats: unknown[] = [];
    const step = { ...stepOf(workloads()), database: database() };
    const cancelled = attempt(verbs.repointWorkloads, step, { cancelWhen: 'rollouts are paused', heartbeats });
    await expect(cancelled).rejects.toThrow(/abort|cancel/i);
    // Its controller may be writing meanwhile, or not have seen the change yet.
    expect(heartbeats.at(-1)).toMatch(
      /^api: 2 ready and \d updated of 2; (its controller has not seen the last change; )?its rollouts are paused$/,
    );
  });

  test('a scale-up without room says so, in the words of the scheduler', async () => {
    const nodes = async (unschedulable: boolean) => {
      for (const { metadata } of (await core.listNode()).items) {
        const name = metadata?.name ?? '';
        await eventually(PATIENCE, async () => {
          const body = await core.readNode({ name });
          await core.replaceNode({ name, body: { ...body, spec: { ...body.spec, unschedulable } } });
        });
      }
    };
    await nodes(true);
    try {
      const heartbeats: unknown[] = [];
      const scaling = attempt(verbs.scaleWorkloads, stepOf(workloads()), { cancelWhen: 'Unschedulable', heartbeats });
      await expect(scaling).rejects.toThrow(/abort|cancel/i);
      expect(heartbeats.at(-1)).toMatch(/of 6; .*\d of its pods: Unschedulable: 0\/3 nodes are available/);
    } finally {
      await nodes(false);
    }
  });

  test('an image that is not pulled is named, in the words of the node', async () => {
    const kwok = lab.records(`${TO}/kubernetes`).find(({ program }) => program === 'kwok');
    if (kwok === undefined) throw new Error('the cluster has no kwok');
    // In place of the nodes, which pull no images here.
    process.kill(kwok.pid, 'SIGSTOP');
    try {
      const heartbeats: unknown[] = [];
      const scaling = attempt(verbs.scaleWorkloads, stepOf(workloads()), {
        cancelWhen: 'ImagePullBackOff',
        heartbeats,
      });
      await Promise.all([expect(scaling).rejects.toThrow(/abort|cancel/i), pullNothing()]);
      expect(heartbeats.at(-1)).toMatch(
        /of 6; .*\d of its pods: ImagePullBackOff: Back-off pulling image "teei-csr\/api:1"/,
      );
    } finally {
      process.kill(kwok.pid, 'SIGCONT');
    }
  });

  async function pullNothing(): Promise<void> {
    await eventually(PATIENCE, async () => {
      const { items } = await core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: 'app=api' });
      const pod = items.find(
        ({ spec, status }) => spec?.nodeName !== undefined && status?.containerStatuses === undefined,
      );
      if (pod === undefined) throw new Error('no new pod is on a node');
      const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "teei-csr/api:1"' };
      const container = {
        name: 'api',
        image: 'teei-csr/api:1',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting },
      };
      await core.replaceNamespacedPodStatus({
        name: pod.metadata?.name ?? '',
        namespace: NAMESPACE,
        body: { ...pod, status: { ...pod.status, containerStatuses: [container] } },
      });
    });
  }

  test('a wait that takes too long may be tried again, and says what it saw', async () => {
    await pause();
    const step = { ...stepOf(workloads()), database: database() };
    const late = attempt(verbs.repointWorkloads, step, { info: { startToCloseTimeoutMs: 6_000 } });
    await expect(late).rejects.toMatchObject({
      type: 'NotReached',
      nonRetryable: false,
      message: expect.stringMatching(/the pods of api after \d+ ms; last seen: .*its rollouts are paused/),
    });
  });

  test('a Deployment that is not there is refused', async () => {
    const component = workloads();
    const missing = { ...component, wiring: structuredClone(component.wiring) };
    Object.assign(missing.wiring.shared, { deployments: [{ name: 'no-such', replicas: 6 }] });
    await expect(attempt(verbs.scaleWorkloads, stepOf(missing))).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
      message: expect.stringContaining('deployments.apps "no-such" not found'),
    });
  });

  test('a cluster that does not answer is a fault that may pass', async () => {
    const kubeconfig = (
      await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `${SYSTEM}/kubernetes-${TO}`)
    ).replace(/server: .*/, 'server: https://127.0.7.1:6443');
    const { scaleWorkloads } = workloadsActivities({ ...depsOf(), secrets: { get: async () => kubeconfig } });
    await expect(attempt(scaleWorkloads, stepOf(workloads()))).rejects.toMatchObject({
      type: 'NotReached',
      nonRetryable: false,
      message: expect.stringContaining('ECONNREFUSED 127.0.7.1:6443'),
    });
  });

  test('a secret that is no kubeconfig is refused without showing it', async () => {
    const { scaleWorkloads } = workloadsActivities({ ...depsOf(), secrets: { get: async () => 'hunter2' } });
    const refused = attempt(scaleWorkloads, stepOf(workloads()));
    await expect(refused).rejects.toMatchObject({ type: 'WiringInvalid', nonRetryable: true });
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  describe('the look of an incident', () => {
    /** What the API says of the workloads, as an incident asks it. */
    async function look(secret?: string) {
      const deps = depsOf(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '');
      const asked = secret === undefined ? deps : { ...deps, secrets: { get: async () => secret } };
      const plan = { components: { workloads: workloads() } } as unknown as RecoveryPlan;
      const [facts] = await attempt(() => componentFacts(plan, TO, asked), null);
      return facts;
    }
    const seen = (health: string) =>
      eventually(PATIENCE, async () => {
        const facts = await look();
        expect(facts?.health).toBe(health);
        return facts;
      });

    test('all pods ready is healthy', async () => {
      expect(await seen('healthy')).toMatchObject({
        component: 'workloads',
        kind: 'workloads',
        region: TO,
        detail: '',
      });
    });

    test('an API that refuses is failing; a kubeconfig that is none, or not there, says nothing of it', async () => {
      const kubeconfig = await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `${SYSTEM}/kubernetes-${TO}`);
      const elsewhere = kubeconfig.replace(/server: .*/, 'server: https://127.0.7.1:6443');
      expect(await look(elsewhere)).toMatchObject({
        health: 'failing',
        detail: expect.stringContaining('ECONNREFUSED'),
      });
      expect(await look('hunter2')).toMatchObject({
        health: 'unknown',
        detail: expect.not.stringContaining('hunter2'),
      });
    });
  });

  async function pause(): Promise<void> {
    await eventually(PATIENCE, async () => expect((await deployment()).status?.readyReplicas).toBe(2));
    const now = await deployment();
    await apps.replaceNamespacedDeployment({
      name: 'api',
      namespace: NAMESPACE,
      body: { ...now, spec: { ...(now.spec as NonNullable<typeof now.spec>), paused: true } },
    });
  }
});
