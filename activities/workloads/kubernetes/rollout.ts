import type { V1Deployment } from '@kubernetes/client-node';

/** The number of pods that a Deployment asks for; Kubernetes' own default is 1. */
export function replicasOf(deployment: V1Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

/** The controller has seen the last write and at least as many pods are ready as are asked for. */
export function isReady(deployment: V1Deployment): boolean {
  return isObserved(deployment) && (deployment.status?.readyReplicas ?? 0) >= replicasOf(deployment);
}

/** Every pod is of the last template, ready, and no other is left: what `kubectl rollout status` waits for. */
export function isRolledOut(deployment: V1Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  const wanted = replicasOf(deployment);
  return isObserved(deployment) && updatedReplicas === wanted && replicas === wanted && readyReplicas === wanted;
}

/** What is seen of a Deployment that is not there yet. */
export function progressOf(deployment: V1Deployment): string {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, conditions = [] } = deployment.status ?? {};
  const wanted = replicasOf(deployment);
  const stuck = conditions.find(({ type, status }) => type === 'Progressing' && status === 'False');
  return [
    `${deployment.metadata?.name}: ${readyReplicas} ready and ${updatedReplicas} updated of ${wanted}`,
    ...(replicas > wanted ? [`${replicas - wanted} pods too many are not gone`] : []),
    ...(isObserved(deployment) ? [] : ['its controller has not seen the last change']),
    ...(deployment.spec?.paused ? ['its rollouts are paused'] : []),
    ...(stuck === undefined ? [] : [stuck.message ?? stuck.reason ?? 'it makes no progress']),
  ].join('; ');
}

function isObserved({ metadata, status }: V1Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}
