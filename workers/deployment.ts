import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { HeldPlans } from '../activities/plans/index.ts';

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

export const NO_BUILD_ID =
  `${BUILD} is not set: this worker has no version. Replacing it while a recovery runs can stop that recovery. ` +
  'Set the same id for every worker of a build: docs/production.md';

/** The plans of a worker that has no version: it warns of each live environment that a run goes by, once. */
export function warnOfLive(held: HeldPlans, log: Pick<Logger, 'warn'>): HeldPlans {
  const warned = new Set<string>();
  return {
    ...held,
    keep: async (plan) => {
      const { system, environment, mode } = plan;
      const name = `${system}/${environment}`;
      if (mode === 'live' && !warned.has(name)) log.warn({ system, environment }, NO_BUILD_ID);
      warned.add(name);
      await held.keep(plan);
    },
  };
}
