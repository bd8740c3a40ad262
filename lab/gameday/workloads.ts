import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Lab } from '../lab.ts';
import { namespaceOf } from '../shapes/shape.ts';

/** Ready pods of the application's Deployment, as the region's Kubernetes says. */
export async function readyReplicas(lab: Lab, region: string): Promise<number> {
  const config = new KubeConfig();
  // Not the one that Lifeboat is given, which may lead through a bad network.
  config.loadFromString(await readFile(join(lab.folder, region, 'kubernetes', 'kubeconfig'), 'utf8'));
  const api = config.makeApiClient(AppsV1Api);
  const { status } = await api.readNamespacedDeployment({ namespace: namespaceOf(lab.shape), name: 'api' });
  return status?.readyReplicas ?? 0;
}
