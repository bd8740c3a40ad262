import type { V1Deployment } from '@kubernetes/client-node';
import type { Step } from '../../contract.ts';
import type { Mark } from '../../mark.ts';
import { stepDeadline } from '../../step-time.ts';
import { raiseAutoscalers } from './autoscaler.ts';
import { awaitPods } from './await-pods.ts';
import type { Cluster } from './cluster.ts';
import { isAtStrength, isRolledOut, replicasOf, whoScaled } from './rollout.ts';
import { write } from './write.ts';

/** On the pod template: `<host>:<port>@<epoch>` of the database that the pods were started with. */
export const DATABASE = 'lifeboat.dev/database';

/** What a recovery changes of a Deployment. */
export interface DeploymentState {
  name: string;
  replicas: number;
  /** The pod template's annotation; null when it has none. */
  database: string | null;
}

/** What one object's change came to. */
export interface Part {
  changed: boolean;
  detail: string;
}

/** A Deployment's state as it is now. */
export function stateOf(deployment: V1Deployment): DeploymentState {
  return {
    name: deployment.metadata?.name ?? '',
    replicas: replicasOf(deployment),
    database: deployment.spec?.template.metadata?.annotations?.[DATABASE] ?? null,
  };
}

/**
 * Scales a Deployment up to a count, its autoscalers with it, and waits until so many pods are ready and of the last
 * template: the count is the plan's, whatever the Deployment asks for by then. Never scales down.
 */
export async function scale(cluster: Cluster, step: Step, wanted: { name: string; replicas: number }): Promise<Part> {
  const { name, replicas } = wanted;
  const startedAt = Date.now();
  const target = { mark: { recovery: step.recovery, restored: false }, deadline: stepDeadline(), replicas };
  const assert = async () => {
    const autoscalers = await raiseAutoscalers(cluster, { ...target, deployment: name });
    const patch = (deployment: V1Deployment) =>
      replicasOf(deployment) >= replicas ? undefined : { spec: { replicas } };
    return { autoscalers, ...(await write({ objects: cluster.deployments, name, ...target, decide: patch })) };
  };
  const { before, changed, autoscalers } = await assert();
  const done = (deployment: V1Deployment) => isAtStrength(deployment, replicas);
  const overruled = await awaitPods(cluster, { name, ...target, done, assert });
  const count = changed ? `${name} ${replicasOf(before)} → ${replicas}` : `${name} already at ${replicasOf(before)}`;
  const waited = !changed && done(before) ? '' : ` after ${secondsSince(startedAt)}`;
  return joined([
    { changed, detail: [`${count}, ${replicas} ready${waited}`, ...overruled].join('; ') },
    ...autoscalers.filter((part) => part.changed),
  ]);
}

/** Scales up what was scaled before, and names the writer that has lowered it since. */
export async function scaleAgain(
  cluster: Cluster,
  step: Step,
  wanted: { name: string; replicas: number },
): Promise<Part> {
  const before = await cluster.deployments.read(wanted.name);
  const { changed, detail } = await scale(cluster, step, wanted);
  const lowered = replicasOf(before) < wanted.replicas;
  if (!lowered) return { changed, detail };
  return { changed, detail: `${whoScaled(before, new Date())} set ${wanted.name} to ${replicasOf(before)}; ${detail}` };
}

type Wanted = Omit<DeploymentState, 'replicas'> & { replicas?: number };

/** Brings a Deployment's pod template, and its count when given, to what is wanted, and its pods with it. */
export async function rollOut(cluster: Cluster, mark: Mark, wanted: Wanted): Promise<Part> {
  const { name, replicas } = wanted;
  const startedAt = Date.now();
  const deadline = stepDeadline();
  const assert = (decide: (deployment: V1Deployment) => object | undefined) =>
    write({ objects: cluster.deployments, name, mark, deadline, decide });
  const { before, changed } = await assert((deployment) => rolloutPatch(stateOf(deployment), wanted));
  const overruled = await awaitPods(cluster, {
    name,
    mark,
    deadline,
    ...(replicas !== undefined && { replicas }),
    done: (deployment) => isRolledOut(deployment) && replicasOf(deployment) >= (replicas ?? 0),
    assert: () =>
      assert((deployment) => (replicasOf(deployment) >= (replicas ?? 0) ? undefined : { spec: { replicas } })),
  });
  if (!changed) return { changed, detail: [`${name} already rolled out`, ...overruled].join('; ') };
  const detail = `${rolloutText(stateOf(before), wanted)} after ${secondsSince(startedAt)}`;
  return { changed, detail: [detail, ...overruled].join('; ') };
}

function rolloutPatch(now: DeploymentState, { replicas = now.replicas, database }: Wanted): object | undefined {
  if (now.replicas === replicas && now.database === database) return undefined;
  return { spec: { replicas, template: { metadata: { annotations: { [DATABASE]: database } } } } };
}

function rolloutText(before: DeploymentState, { name, replicas = before.replicas }: Wanted): string {
  return before.replicas === replicas ? `${name} rolled out` : `${name} ${before.replicas} → ${replicas}, rolled out`;
}

/** What several parts come to. */
export function joined(parts: Part[]): Part {
  return { changed: parts.some(({ changed }) => changed), detail: parts.map(({ detail }) => detail).join('; ') };
}

function secondsSince(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
