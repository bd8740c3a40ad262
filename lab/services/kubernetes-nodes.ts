import { join } from 'node:path';
import { ApiException, CoordinationV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Context } from '../service.ts';

const NODES = ['node-1', 'node-2', 'node-3'];

const LEASES = 'kube-node-lease';

function api({ folder }: Context) {
  const config = new KubeConfig();
  config.loadFromFile(join(folder, 'kubeconfig'));
  return { core: config.makeApiClient(CoreV1Api), leases: config.makeApiClient(CoordinationV1Api) };
}

/**
 * Takes the nodes from the KWOK that had them and is dead. The next one, which has another name, would wait for its leases
 * to run out, and now and then loses sight for minutes of pods that change meanwhile.
 */
export async function releaseNodes(context: Context): Promise<void> {
  await api(context).leases.deleteCollectionNamespacedLease({ namespace: LEASES });
}

/** Registers the nodes; those that exist are left alone. */
export async function createNodes(context: Context): Promise<void> {
  const { core } = api(context);
  await Promise.all(
    NODES.map(async (name) => {
      try {
        await core.createNode({ body: node(name) });
      } catch (error) {
        if (!(error instanceof ApiException) || error.code !== 409) throw error;
      }
    }),
  );
}

function node(name: string) {
  const room = { cpu: '32', memory: '256Gi', pods: '110' };
  return {
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': name, type: 'kwok' },
    },
    status: { allocatable: room, capacity: room },
  };
}

/** Throws while a node is missing, not Ready, or nobody's: what it says of itself may be from before a restart. */
export async function nodesReady(context: Context): Promise<void> {
  const { core, leases } = api(context);
  const [nodes, held] = await Promise.all([core.listNode(), leases.listNamespacedLease({ namespace: LEASES })]);
  const isHeld = (name: string | undefined) => held.items.some(({ metadata }) => metadata?.name === name);
  const ready = nodes.items.filter(
    ({ metadata, status }) =>
      isHeld(metadata?.name) && status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  if (ready.length < NODES.length)
    throw new Error(`${ready.length} of ${NODES.length} nodes are Ready and held by KWOK`);
}
