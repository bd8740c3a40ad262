import {
  AppsV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  type V1Deployment,
  type V1LabelSelector,
  type V1Pod,
  type V1Secret,
  type V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
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
  autoscalers: Objects<V2HorizontalPodAutoscaler> & { list(): Promise<V2HorizontalPodAutoscaler[]> };
  podsOf(deployment: V1Deployment): Promise<V1Pod[]>;
}

/** Connects to the cluster in the step's `to`, and disconnects when `use` has ended. */
export async function inCluster<T>(deps: Deps, step: Step, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const { shared, region } = wiringOf<'kubernetes'>(step.component, step.to);
  const { configuration, close } = connect(await deps.secrets.get(region.kubeconfigSecret), region.kubeconfigSecret);
  const apps = new AppsV1Api(configuration);
  const core = new CoreV1Api(configuration);
  const autoscaling = new AutoscalingV2Api(configuration);
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
    autoscalers: {
      ...objects('HorizontalPodAutoscaler', where, {
        read: (name) => autoscaling.readNamespacedHorizontalPodAutoscaler({ name, namespace }),
        merge: (name, body) => autoscaling.patchNamespacedHorizontalPodAutoscaler(patch(name, body)),
      }),
      list: () =>
        listed(`HorizontalPodAutoscalers ${where}`, autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace })),
    },
    podsOf: ({ metadata, spec }) =>
      listed(
        `Pods of ${metadata?.name} ${where}`,
        core.listNamespacedPod({ namespace, labelSelector: selectorText(spec?.selector ?? {}) }),
      ),
  };
  return use(cluster).finally(close);
}

async function listed<O>(what: string, asking: Promise<{ items: O[] }>): Promise<O[]> {
  const { items } = await asking.catch((cause) => rethrowFromCluster(`list ${what}`, cause));
  return items;
}

/** A selector as the API takes it: `app=api,tier in (web,edge)`. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...labels, ...expressions].join(',');
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
