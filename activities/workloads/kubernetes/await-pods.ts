import type { V1Deployment } from '@kubernetes/client-node';
import { refusal } from '../../fault.ts';
import { type Mark, refuseIfOvertaken } from '../../mark.ts';
import { reasonOf } from '../../reason.ts';
import { leftMs } from '../../step-time.ts';
import { until } from '../../until.ts';
import { blockersOf, replicaFailureOf } from './blockers.ts';
import type { Cluster } from './cluster.ts';
import { progressOf, replicasOf, whoScaled } from './rollout.ts';
import { LOOK_MS, MARK } from './write.ts';

/** Changed on a Deployment, it is copied to its ReplicaSet, whose controller then tries at once to create pods. */
const NUDGED = 'lifeboat.dev/nudged';

/** Controllers that are denied pods wait up to 16 minutes by themselves before they try again. */
const NUDGE_MS = 2_000;

const PODS_MS = 1_000;

/** How often another writer is overruled before it is left to the operator, who knows what it is. */
const MOST_OVERRULED = 3;

/** The pods that are waited for. */
export interface AwaitedPods {
  name: string;
  /** As many at least; the Deployment's own count when absent. */
  replicas?: number;
  mark: Mark;
  /** When to give up, in milliseconds since 1970. */
  deadline: number;
  done(deployment: V1Deployment): boolean;
  /** Sets the count again that another writer has lowered. */
  assert(): Promise<unknown>;
}

/**
 * Waits for a Deployment's pods, and says meanwhile what keeps them from coming. A controller that is denied pods is
 * nudged, and a count that another writer lowers is set again.
 *
 * @returns a sentence for each time that another writer was overruled
 * @throws Contested when that goes on
 */
export async function awaitPods(cluster: Cluster, ask: AwaitedPods): Promise<string[]> {
  const { name, mark } = ask;
  const overruled: string[] = [];
  const podTroubles = atMostEvery(PODS_MS, (deployment: V1Deployment) => troublesOf(cluster, deployment));
  const nudgeNow = atMostEvery(NUDGE_MS, (deployment: V1Deployment) => nudge(cluster, deployment));
  const wait = { what: `the pods of ${name}`, timeoutMs: leftMs(ask.deadline), everyMs: LOOK_MS };
  await until(wait, async (note) => {
    const deployment = await cluster.deployments.read(name);
    refuseIfOvertaken(deployment.metadata?.annotations?.[MARK], mark, `Deployment ${name}`);
    if (ask.done(deployment)) return deployment;
    const { replicas: wanted = replicasOf(deployment) } = ask;
    if (replicasOf(deployment) < wanted) overruled.push(await overrule(ask, deployment, wanted, overruled));
    note([progressOf(deployment, wanted), ...(await podTroubles(deployment)), ...overruled].join('; '));
    if (replicaFailureOf(deployment) !== undefined) await nudgeNow(deployment);
    return undefined;
  });
  return overruled;
}

async function overrule({ name, assert }: AwaitedPods, found: V1Deployment, wanted: number, before: string[]) {
  const did = `${whoScaled(found, new Date())} set ${name} to ${replicasOf(found)}`;
  if (before.length >= MOST_OVERRULED) {
    throw refusal('Contested', `${did}, and keeps undoing it: ${wanted} were set again ${before.length} times`);
  }
  await assert();
  return `${did}, and it was set to ${wanted} again`;
}

/** A conflict means that the Deployment was written just then, which reconciles it as well. */
async function nudge(cluster: Cluster, { metadata }: V1Deployment): Promise<void> {
  const { name = '', resourceVersion } = metadata ?? {};
  const annotations = { [NUDGED]: new Date().toISOString() };
  await cluster.deployments.merge(name, { metadata: { resourceVersion, annotations } });
}

/** Pods that cannot be read hold nothing up. */
async function troublesOf(cluster: Cluster, deployment: V1Deployment): Promise<string[]> {
  try {
    return blockersOf(deployment, await cluster.podsOf(deployment));
  } catch (error) {
    return [...blockersOf(deployment, []), reasonOf(error)];
  }
}

/** Does it now, or answers what it answered last when that is not long ago. */
function atMostEvery<I, T>(everyMs: number, act: (input: I) => Promise<T>): (input: I) => Promise<T> {
  let last: Promise<T>;
  let at = Number.NEGATIVE_INFINITY;
  return (input) => {
    if (Date.now() - at >= everyMs) {
      at = Date.now();
      last = act(input);
    }
    return last;
  };
}
