import type { WorkerDeploymentOptions } from '@temporalio/worker';

/** The names that Temporal's worker controller for Kubernetes gives; by hand they work as well. */
const DEPLOYMENT = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD = 'TEMPORAL_WORKER_BUILD_ID';

/**
 * Which version of which deployment this worker is. With a build id, incidents and recoveries stay with the build that
 * they started on; without, the worker runs unversioned. Said here and not by the workflows, since Temporal refuses
 * what an unversioned worker says of versions.
 */
export function deploymentOptions(env: NodeJS.ProcessEnv): WorkerDeploymentOptions | undefined {
  const buildId = env[BUILD];
  if (!buildId) return undefined;
  return {
    version: { deploymentName: env[DEPLOYMENT] ?? 'lifeboat', buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}
