import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type V1Deployment,
  type V1Secret,
} from '@kubernetes/client-node';
import { PRIMARY, type Region } from '../places.ts';
import { readSecret } from '../secrets.ts';
import { once } from './once.ts';
import { regional, type Wiring, wired } from './wiring.ts';

const NAMESPACE = 'teei-csr';

/** Pods in each region at first: the standby is warm and not at full strength. */
const REPLICAS: Record<Region, number> = { 'us-east-1': 6, 'eu-central-1': 2 };

/** The region's namespace, the Secret that leads its pods to the primary's database, and the Deployment. */
export async function provisionKubernetes(wiring: Wiring, region: Region): Promise<void> {
  const cluster = new KubeConfig();
  cluster.loadFromString(await readSecret(wired(wiring, 'LIFEBOAT_SECRETS_DIR'), `teei-csr/kubernetes-${region}`));
  const core = cluster.makeApiClient(CoreV1Api);
  const apps = cluster.makeApiClient(AppsV1Api);
  const isThere = (refusal: unknown) => refusal instanceof ApiException && refusal.code === 409;
  const namespace = { namespace: NAMESPACE };
  await once(() => core.createNamespace({ body: { metadata: { name: NAMESPACE } } }), isThere);
  await once(() => core.createNamespacedSecret({ ...namespace, body: databaseSecret(wiring) }), isThere);
  await once(() => apps.createNamespacedDeployment({ ...namespace, body: deployment(REPLICAS[region]) }), isThere);
}

function databaseSecret(wiring: Wiring): V1Secret {
  const { host, port } = regional(wiring, PRIMARY, 'POSTGRES');
  return { metadata: { name: 'database' }, stringData: { host, port: `${port}` } };
}

function deployment(replicas: number): V1Deployment {
  const labels = { app: 'api' };
  const fromSecret = (name: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: 'database', key } } });
  const container = {
    name: 'api',
    image: 'teei-csr/api:1',
    env: [fromSecret('DATABASE_HOST', 'host'), fromSecret('DATABASE_PORT', 'port')],
  };
  return {
    metadata: { name: 'api' },
    spec: {
      replicas,
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
