import type { V1Deployment } from '@kubernetes/client-node';
import type { Step } from '../../contract.ts';
import { wiringOf } from '../../provider.ts';
import { inCluster } from '../../workloads/kubernetes/cluster.ts';
import { replicasOf } from '../../workloads/kubernetes/rollout.ts';
import { type HealthLook, healthy } from './health.ts';

const readyOf = ({ status }: V1Deployment) => status?.readyReplicas ?? 0;

/** How many of the pods that are asked for are ready? Fewer is degraded, none of a deployment is failing. */
export const kubernetes: HealthLook = async (component, region, deps) => {
  const { deployments } = wiringOf<'kubernetes'>(component, region).shared;
  const step: Step = { component, from: region, to: region, recovery: { workflowId: '', runId: '', epoch: 0 } };
  const found = await inCluster(deps, step, (cluster) =>
    Promise.all(deployments.map(({ name }) => cluster.deployments.read(name))),
  );
  const lacking = found.filter((deployment) => readyOf(deployment) < replicasOf(deployment));
  if (lacking.length === 0) return healthy;
  const none = lacking.some((deployment) => readyOf(deployment) === 0);
  const detail = lacking.map((each) => `${each.metadata?.name}: ${readyOf(each)} of ${replicasOf(each)} pods ready`);
  return { health: none ? 'failing' : 'degraded', detail: detail.join('; ') };
};
