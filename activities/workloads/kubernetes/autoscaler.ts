import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import type { Mark } from '../../mark.ts';
import { together } from '../../together.ts';
import type { Cluster } from './cluster.ts';
import type { Part } from './deployment.ts';
import { write } from './write.ts';

/** The bounds of a HorizontalPodAutoscaler, which scales its Deployment back into them. */
export interface AutoscalerState {
  name: string;
  deployment: string;
  /** Null when it names none: Kubernetes' own default is 1. */
  minReplicas: number | null;
  maxReplicas: number;
}

type Bounds = Pick<AutoscalerState, 'minReplicas' | 'maxReplicas'>;

/** How an autoscaler's bounds change; undefined when they are right as they are. */
type Change = (found: AutoscalerState) => Bounds | undefined;

/** Lists the autoscalers of a namespace's Deployments. */
export async function autoscalersOf(cluster: Cluster, deployments: readonly string[]): Promise<AutoscalerState[]> {
  const found = (await cluster.autoscalers.list()).filter(({ spec }) => spec?.scaleTargetRef.kind === 'Deployment');
  return found.map(autoscalerState).filter(({ deployment }) => deployments.includes(deployment));
}

/**
 * Raises the bounds of a Deployment's autoscalers, so that none of them scales it below a count. A maximum below the count
 * gives way as well: the plan's number is the one that was approved.
 */
export function raiseAutoscalers(cluster: Cluster, target: Target): Promise<Part[]> {
  const { replicas } = target;
  return changeEach(cluster, target, ({ minReplicas, maxReplicas }) => {
    if ((minReplicas ?? 1) >= replicas) return undefined;
    return { minReplicas: replicas, maxReplicas: Math.max(maxReplicas, replicas) };
  });
}

/** Lowers the minimum of a Deployment's autoscalers, so that it can be scaled down to a count. */
export function lowerAutoscalers(cluster: Cluster, target: Target): Promise<Part[]> {
  const replicas = Math.max(1, target.replicas);
  return changeEach(cluster, target, ({ minReplicas, maxReplicas }) =>
    (minReplicas ?? 1) <= replicas ? undefined : { minReplicas: replicas, maxReplicas },
  );
}

/** Puts autoscalers back as they were recorded. Of one that is gone meanwhile, nothing is left to put back. */
export async function restoreAutoscalers(
  cluster: Cluster,
  recorded: readonly AutoscalerState[],
  how: Pick<Target, 'mark' | 'deadline'>,
): Promise<Part[]> {
  if (recorded.length === 0) return [];
  const now = await autoscalersOf(
    cluster,
    recorded.map(({ deployment }) => deployment),
  );
  const there = recorded.filter(({ name }) => now.some((other) => other.name === name));
  return await together(there.map((was) => change(cluster, was.name, how, () => was)));
}

interface Target {
  deployment: string;
  replicas: number;
  mark: Mark;
  /** When to give up, in milliseconds since 1970. */
  deadline: number;
}

async function changeEach(cluster: Cluster, target: Target, wanted: Change): Promise<Part[]> {
  const found = await autoscalersOf(cluster, [target.deployment]);
  return await together(found.map(({ name }) => change(cluster, name, target, wanted)));
}

async function change(
  cluster: Cluster,
  name: string,
  { mark, deadline }: Pick<Target, 'mark' | 'deadline'>,
  wanted: Change,
): Promise<Part> {
  const boundsFor = (found: V2HorizontalPodAutoscaler): Bounds => {
    const now = autoscalerState(found);
    const { minReplicas, maxReplicas } = wanted(now) ?? now;
    return { minReplicas, maxReplicas };
  };
  const { before, changed } = await write({
    objects: cluster.autoscalers,
    name,
    mark,
    deadline,
    decide: (found) => {
      const bounds = boundsFor(found);
      return boundsText(bounds) === boundsText(autoscalerState(found)) ? undefined : { spec: bounds };
    },
  });
  const now = boundsText(boundsFor(before));
  const was = boundsText(autoscalerState(before));
  return { changed, detail: `autoscaler ${name} ${changed ? `${was} → ${now}` : `already ${now}`}` };
}

/** `2 to 4`, which also tells two pairs of bounds apart. */
export const boundsText = ({ minReplicas, maxReplicas }: Bounds) => `${minReplicas ?? 1} to ${maxReplicas}`;

function autoscalerState({ metadata, spec }: V2HorizontalPodAutoscaler): AutoscalerState {
  return {
    name: metadata?.name ?? '',
    deployment: spec?.scaleTargetRef.name ?? '',
    minReplicas: spec?.minReplicas ?? null,
    maxReplicas: spec?.maxReplicas ?? 0,
  };
}
