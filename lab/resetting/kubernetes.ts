import { join } from 'node:path';
import { ApiException, AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { eventually } from '../eventually.ts';
import type { Lab } from '../lab.ts';
import { provisionKubernetes } from '../provision/kubernetes.ts';
import { servingSites } from '../shapes/shape.ts';

const WITHIN_MS = 60_000;

/** What `provisionKubernetes` made is made again, so that no label, annotation or replica of a row is left. */
export async function resetKubernetes(lab: Lab): Promise<void> {
  const sites = servingSites(lab.shape).filter((site) => lab.services.includes(`${site}/kubernetes`));
  await Promise.all(sites.map((site) => resetSite(lab, site)));
}

async function resetSite(lab: Lab, site: string): Promise<void> {
  const namespace = lab.shape.workloads?.namespace;
  if (namespace === undefined) return;
  const config = new KubeConfig();
  config.loadFromFile(join(lab.folder, site, 'kubernetes', 'kubeconfig'));
  const [apps, core] = [config.makeApiClient(AppsV1Api), config.makeApiClient(CoreV1Api)];
  await gone(() => apps.deleteNamespacedDeployment({ name: 'api', namespace, propagationPolicy: 'Foreground' }));
  await gone(() => core.deleteNamespacedSecret({ name: 'database', namespace }));
  await eventually({ what: `the pods of ${site} to be gone`, withinMs: WITHIN_MS, everyMs: 50 }, async () => {
    const [deployments, pods] = [
      await apps.listNamespacedDeployment({ namespace }),
      await core.listNamespacedPod({ namespace }),
    ];
    const left = deployments.items.length + pods.items.length;
    if (left > 0) throw new Error(`${left} are there`);
  });
  await provisionKubernetes(lab, site);
  await eventually({ what: `the pods of ${site}`, withinMs: WITHIN_MS, everyMs: 50 }, async () => {
    const { spec, status } = await apps.readNamespacedDeployment({ name: 'api', namespace });
    if (status?.readyReplicas !== spec?.replicas) throw new Error(`${status?.readyReplicas ?? 0} are ready`);
  });
}

async function gone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof ApiException) || error.code !== 404) throw error;
  }
}
