import type { V1Deployment } from '@kubernetes/client-node';
import type { Step } from '../../contract.ts';
import type { Mark } from '../../mark.ts';
import { leftMs, stepDeadline } from '../../step-time.ts';
import { until } from '../../until.ts';
import type { Cluster } from './cluster.ts';
import { isReady, isRolledOut, progressOf, replicasOf } from './rollout.ts';
import { LOOK_MS, write } from './write.ts';

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

/** Scales a Deployment up to a count, and waits until its pods are ready. Never scales down. */
export async function scale(cluster: Cluster, step: Step, wanted: { name: string; replicas: number }): Promise<Part> {
  const { name, replicas } = wanted;
  const startedAt = Date.now();
  const deadline = stepDeadline();
  const { before, changed } = await write({
    objects: cluster.deployments,
    name,
    mark: { recovery: step.recovery, restored: false },
    deadline,
    decide: (deployment) => (replicasOf(deployment) >= replicas ? undefined : { spec: { replicas } }),
  });
  const wasReady = !changed && isReady(before);
  await waitFor(cluster, name, deadline, isReady);
  const count = changed ? `${name} ${replicasOf(before)} → ${replicas}` : `${name} already at ${replicasOf(before)}`;
  return { changed, detail: `${count}, all ready${wasReady ? '' : ` after ${secondsSince(startedAt)}`}` };
}

type Wanted = Omit<DeploymentState, 'replicas'> & { replicas?: number };

/** Brings a Deployment's pod template, and its count when given, to what is wanted, and its pods with it. */
export async function rollOut(cluster: Cluster, mark: Mark, wanted: Wanted): Promise<Part> {
  const startedAt = Date.now();
  const deadline = stepDeadline();
  const { before, changed } = await write({
    objects: cluster.deployments,
    name: wanted.name,
    mark,
    deadline,
    decide: (deployment) => rolloutPatch(stateOf(deployment), wanted),
  });
  await waitFor(cluster, wanted.name, deadline, isRolledOut);
  if (!changed) return { changed, detail: `${wanted.name} already rolled out` };
  return { changed, detail: `${rolloutText(stateOf(before), wanted)} after ${secondsSince(startedAt)}` };
}

function rolloutPatch(now: DeploymentState, { replicas = now.replicas, database }: Wanted): object | undefined {
  if (now.replicas === replicas && now.database === database) return undefined;
  return { spec: { replicas, template: { metadata: { annotations: { [DATABASE]: database } } } } };
}

function rolloutText(before: DeploymentState, { name, replicas = before.replicas }: Wanted): string {
  return before.replicas === replicas ? `${name} rolled out` : `${name} ${before.replicas} → ${replicas}, rolled out`;
}

async function waitFor(cluster: Cluster, name: string, deadline: number, done: (deployment: V1Deployment) => boolean) {
  const wait = { what: `the pods of ${name}`, timeoutMs: leftMs(deadline), everyMs: LOOK_MS };
  await until(wait, async (note) => {
    const deployment = await cluster.deployments.read(name);
    note(progressOf(deployment));
    return done(deployment) ? deployment : undefined;
  });
}

function secondsSince(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
