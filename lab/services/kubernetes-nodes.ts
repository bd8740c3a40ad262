import { join } from 'node:path';
import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Context } from '../service.ts';

const NODES = ['node-1', 'node-2', 'node-3'];

function api({ folder }: Context): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(join(folder, 'kubeconfig'));
  return config.makeApiClient(CoreV1Api);
}

/** Registers the nodes; those that exist are left alone. */
export async function createNodes(context: Context): Promise<void> {
  const core = api(context);
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

/** Throws while a node is missing or not Ready. */
export async function nodesReady(context: Context): Promise<void> {
  const { items } = await api(context).listNode();
  const ready = items.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  if (ready.length < NODES.length) throw new Error(`${ready.length} of ${NODES.length} nodes are Ready`);
}
