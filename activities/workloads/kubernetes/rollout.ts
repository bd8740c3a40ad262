import type { V1Deployment, V1ManagedFieldsEntry } from '@kubernetes/client-node';

/** The number of pods that a Deployment asks for; Kubernetes' own default is 1. */
export function replicasOf(deployment: V1Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

/** So many pods at least are of the last template and ready, whatever the Deployment asks for by now, and none of another is left. */
export function isAtStrength(deployment: V1Deployment, wanted: number): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  const asked = isObserved(deployment) && replicasOf(deployment) >= wanted;
  return asked && updatedReplicas === replicas && readyReplicas >= wanted;
}

/** Every pod is of the last template, ready, and no other is left: what `kubectl rollout status` waits for. */
export function isRolledOut(deployment: V1Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  const wanted = replicasOf(deployment);
  return isObserved(deployment) && updatedReplicas === wanted && replicas === wanted && readyReplicas === wanted;
}

/**
 * Describes a Deployment that is not there yet.
 *
 * @param wanted the number of pods that is waited for
 */
export function progressOf(deployment: V1Deployment, wanted: number): string {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  const asked = replicasOf(deployment);
  return [
    `${deployment.metadata?.name}: ${readyReplicas} ready and ${updatedReplicas} updated of ${wanted}`,
    ...(asked < wanted ? [`only ${asked} are asked for`] : []),
    ...(replicas > asked ? [`${replicas - asked} pods too many are not gone`] : []),
    ...(isObserved(deployment) ? [] : ['its controller has not seen the last change']),
    ...(deployment.spec?.paused ? ['its rollouts are paused'] : []),
  ].join('; ');
}

/**
 * Names who set a Deployment's count last, by the API server's own record: `kubectl at 03:12:04 UTC`. The record has no time
 * for a write through the scale subresource, as kubectl and autoscalers do it: then it is when the count was seen.
 */
export function whoScaled({ metadata }: V1Deployment, seenAt: Date): string {
  const owners = (metadata?.managedFields ?? []).filter(ownsReplicas).sort((a, b) => timeOf(b) - timeOf(a));
  const [last] = owners;
  const at = new Date(last?.time ?? seenAt).toISOString().slice(11, 19);
  return `${last?.manager ?? 'an unknown writer'} at ${at} UTC`;
}

function ownsReplicas({ fieldsV1 }: V1ManagedFieldsEntry): boolean {
  const spec = (fieldsV1 as Record<string, object> | undefined)?.['f:spec'];
  return spec !== undefined && 'f:replicas' in spec;
}

const timeOf = ({ time }: V1ManagedFieldsEntry) => (time === undefined ? Number.MAX_VALUE : new Date(time).getTime());

function isObserved({ metadata, status }: V1Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}
