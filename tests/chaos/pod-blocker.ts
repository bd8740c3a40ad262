import { AdmissionregistrationV1Api, AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { eventually } from '../../lab/eventually.ts';
import type { Lab } from '../../lab/lab.ts';
import { readSecret } from '../../lab/secrets.ts';
import { kubeconfigOf, STANDBY, SYSTEM } from '../support/lab/shape.ts';

const NAMESPACE = SYSTEM;
const HOOK = 'dead-hook';
const API = { name: 'api', namespace: NAMESPACE };

/** The standby region's cluster as its administrator reaches it. */
export async function standbyCluster({ wiring }: Lab): Promise<KubeConfig> {
  const config = new KubeConfig();
  config.loadFromString(await readSecret(wiring['LIFEBOAT_SECRETS_DIR'] ?? '', kubeconfigOf(STANDBY)));
  return config;
}

/** Gets in the way of the pods of a cluster, as an admission webhook that is dead and another writer do. */
export class PodBlocker {
  readonly #apps: AppsV1Api;
  readonly #core: CoreV1Api;
  readonly #hooks: AdmissionregistrationV1Api;

  constructor(cluster: KubeConfig) {
    this.#apps = cluster.makeApiClient(AppsV1Api);
    this.#core = cluster.makeApiClient(CoreV1Api);
    this.#hooks = cluster.makeApiClient(AdmissionregistrationV1Api);
  }

  /** From now on no pod is created. */
  async addHook(): Promise<void> {
    await this.#hooks.createValidatingWebhookConfiguration({
      body: {
        metadata: { name: HOOK },
        webhooks: [
          {
            name: 'dead.hooks.test',
            // Nothing listens there.
            clientConfig: { url: 'https://127.0.0.1:1/validate' },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
            failurePolicy: 'Fail',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            timeoutSeconds: 1,
          },
        ],
      },
    });
    await eventually({ what: 'the webhook to deny pods', withinMs: 30_000, everyMs: 50 }, async () => {
      const pod = { metadata: { generateName: 'probe-' }, spec: { containers: [{ name: 'probe', image: 'probe' }] } };
      const created = await this.#core.createNamespacedPod({ namespace: NAMESPACE, body: pod, dryRun: 'All' }).then(
        () => true,
        () => false,
      );
      if (created) throw new Error('pods are taken');
    });
  }

  async removeHook(): Promise<void> {
    const fieldSelector = `metadata.name=${HOOK}`;
    await this.#hooks.deleteCollectionValidatingWebhookConfiguration({ fieldSelector });
  }

  /** As `kubectl scale` does, and under its name. */
  async setCount(replicas: number): Promise<void> {
    await eventually({ what: 'the count to be set', withinMs: 10_000, everyMs: 10 }, async () => {
      const body = await this.#apps.readNamespacedDeploymentScale(API);
      await this.#apps.replaceNamespacedDeploymentScale({
        ...API,
        fieldManager: 'kubectl',
        body: { ...body, spec: { replicas } },
      });
    });
  }

  /** The count is that of the plan again. */
  async raisedAgain(wanted: number): Promise<void> {
    await eventually({ what: 'the count to be set again', withinMs: 5_000, everyMs: 10 }, async () => {
      const { spec } = await this.#apps.readNamespacedDeployment(API);
      if (spec?.replicas !== wanted) throw new Error(`it is ${spec?.replicas}`);
    });
  }

  /** As the API server counts them, pod by pod. */
  async readyPods(): Promise<number> {
    const { items } = await this.#core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: 'app=api' });
    const isReady = (pod: (typeof items)[number]) =>
      pod.metadata?.deletionTimestamp === undefined &&
      pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return items.filter(isReady).length;
  }
}
