import type { V1Deployment } from '@kubernetes/client-node';

const REVISION = 'deployment.kubernetes.io/revision';

/** What the application needs to know of its Deployment. */
export interface Rollout {
  readyPods: number;
  wantedPods: number;
  /** The controller's number of the pod template: another number is another rollout. */
  revision: string;
  /** Every pod runs this revision and is ready. */
  complete: boolean;
}

/** Reads a Deployment. Its status counts only once the controller has observed the newest generation. */
export function rolloutOf(deployment: V1Deployment): Rollout {
  const { metadata, spec, status } = deployment;
  const wanted = spec?.replicas ?? 0;
  const ready = status?.readyReplicas ?? 0;
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  const all = [status?.updatedReplicas ?? 0, status?.replicas ?? 0, ready].every((count) => count === wanted);
  return {
    readyPods: ready,
    wantedPods: wanted,
    revision: metadata?.annotations?.[REVISION] ?? '',
    complete: observed && all && wanted > 0,
  };
}

/** Pods read their environment when they start: only a completed rollout of another revision makes them read again. */
export function mustReadAgain(rollout: Rollout, revisionRead: string | null): boolean {
  return rollout.complete && rollout.revision !== '' && rollout.revision !== revisionRead;
}
