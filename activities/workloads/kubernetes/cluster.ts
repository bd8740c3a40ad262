import { AppsV1Api, CoreV1Api, type V1Deployment, type V1Secret } from '@kubernetes/client-node';
import type { Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { wiringOf } from '../../provider.ts';
import { connect } from './connection.ts';
import { isConflict, rethrowFromCluster } from './rejection.ts';

/** Who the API server's `managedFields` say wrote. */
const FIELD_MANAGER = 'lifeboat';

/** Objects of one kind in the namespace that a step acts on. */
export interface Objects<O> {
  /** `Deployment`, for messages. */
  kind: string;
  read(name: string): Promise<O>;
  /** Merges `patch` in. Undefined when somebody else has written since the `resourceVersion` that it names. */
  merge(name: string, patch: object): Promise<O | undefined>;
}

/** What a step acts on. */
export interface Cluster {
  deployments: Objects<V1Deployment>;
  secrets: Objects<V1Secret>;
}

/** Connects to the cluster in the step's `to`, and disconnects when `use` has ended. */
export async function inCluster<T>(deps: Deps, step: Step, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const { shared, region } = wiringOf<'kubernetes'>(step.component, step.to);
  const { configuration, close } = connect(await deps.secrets.get(region.kubeconfigSecret), region.kubeconfigSecret);
  const apps = new AppsV1Api(configuration);
  const core = new CoreV1Api(configuration);
  const { namespace } = shared;
  const where = `of namespace ${namespace} in the cluster of ${step.to}`;
  const patch = (name: string, body: object) => ({ name, namespace, body, fieldManager: FIELD_MANAGER });
  const cluster: Cluster = {
    deployments: objects('Deployment', where, {
      read: (name) => apps.readNamespacedDeployment({ name, namespace }),
      merge: (name, body) => apps.patchNamespacedDeployment(patch(name, body)),
    }),
    secrets: objects('Secret', where, {
      read: (name) => core.readNamespacedSecret({ name, namespace }),
      merge: (name, body) => core.patchNamespacedSecret(patch(name, body)),
    }),
  };
  return use(cluster).finally(close);
}

interface Calls<O> {
  read(name: string): Promise<O>;
  merge(name: string, body: object): Promise<O>;
}

function objects<O>(kind: string, where: string, { read, merge }: Calls<O>): Objects<O> {
  return {
    kind,
    read: (name) => read(name).catch((cause) => rethrowFromCluster(`read ${kind} ${name} ${where}`, cause)),
    merge: (name, patch) =>
      merge(name, patch).catch((cause) => {
        if (isConflict(cause)) return undefined;
        return rethrowFromCluster(`write ${kind} ${name} ${where}`, cause);
      }),
  };
}
