import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type V1Deployment,
  type V1Secret,
} from '@kubernetes/client-node';
import { readSecret } from '../secrets.ts';
import { addressName, firstInstance, kubeconfigSecret, namespaceOf, type Shape } from '../shapes/shape.ts';
import { once } from './once.ts';
import { located, type Provisioned, wired } from './wiring.ts';

/** The site's namespace, the Secret that leads its pods to the primary's database, and the Deployment. */
export async function provisionKubernetes(lab: Provisioned, site: string): Promise<void> {
  const { wiring, shape } = lab;
  const cluster = new KubeConfig();
  cluster.loadFromString(await readSecret(wired(wiring, 'LIFEBOAT_SECRETS_DIR'), kubeconfigSecret(shape, site)));
  const core = cluster.makeApiClient(CoreV1Api);
  const apps = cluster.makeApiClient(AppsV1Api);
  const isThere = (refusal: unknown) => refusal instanceof ApiException && refusal.code === 409;
  const namespace = { namespace: namespaceOf(shape) };
  await once(() => core.createNamespace({ body: { metadata: { name: namespace.namespace } } }), isThere);
  await once(() => core.createNamespacedSecret({ ...namespace, body: databaseSecret(lab) }), isThere);
  await once(() => apps.createNamespacedDeployment({ ...namespace, body: deployment(shape, site) }), isThere);
}

function databaseSecret(lab: Provisioned): V1Secret {
  const { host, port } = located(lab, addressName(firstInstance(lab.shape)), 'POSTGRES');
  return { metadata: { name: 'database' }, stringData: { host, port: `${port}` } };
}

function deployment({ workloads }: Shape, site: string): V1Deployment {
  const labels = { app: 'api' };
  const fromSecret = (name: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: 'database', key } } });
  const container = {
    name: 'api',
    image: workloads?.image ?? '',
    env: [fromSecret('DATABASE_HOST', 'host'), fromSecret('DATABASE_PORT', 'port')],
  };
  return {
    metadata: { name: 'api' },
    spec: {
      replicas: workloads?.replicas[site] ?? 1,
      selector: { matchLabels: labels },
      // A rollout never takes strength away: all new pods come before the first old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: { containers: [container], terminationGracePeriodSeconds: 0, automountServiceAccountToken: false },
      },
    },
  };
}
