import { AppsV1Api, AutoscalingV2Api, CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import type { StepResult } from '../../activities/contract.ts';
import { type WorkloadsVerbs, workloadsActivities } from '../../activities/workloads/index.ts';
import { eventually } from '../../lab/eventually.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { provisionKubernetes } from '../../lab/provision/kubernetes.ts';
import { attempt, depsOf, FROM, stepOf, TO, wired } from '../support/activities/step.ts';
import { SYSTEM } from '../support/lab/shape.ts';
import type { Run } from './matrix.ts';
import { PodBlocker, standbyCluster } from './pod-blocker.ts';

/**
 * A scale-up to six pods that something keeps from coming, judged by the API server:
 *
 * - `webhook`: an admission webhook that is dead denies pods, until it is removed;
 * - `quota`: a quota denies them, until it is lifted;
 * - `lowered`: the count is set to two again while a webhook holds the pods back;
 * - `fought`: it is set to two again and again;
 * - `autoscaler`: an autoscaler has a maximum of four.
 */
export const BLOCKS = ['webhook', 'quota', 'lowered', 'fought', 'autoscaler'] as const;
export type Block = (typeof BLOCKS)[number];

const NAMESPACE = SYSTEM;
const WANTED = 6;

/** A cause is shown, and a block that is lifted is over, within so long; a controller by itself may take 16 minutes. */
const SOON_MS = 6_000;

const workloads = wired('workloads', 'kubernetes', {
  shared: {
    namespace: NAMESPACE,
    deployments: [{ name: 'api', replicas: WANTED, standbyReplicas: 2 }],
    databaseSecret: { name: 'database', hostKey: 'host', portKey: 'port', component: 'database' },
  },
  regions: {
    [FROM]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${FROM}` },
    [TO]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${TO}` },
  },
});

/** What was seen of one run from outside. */
export interface Blocked {
  /** The first heartbeat that names the cause came after so long; null where no cause is expected in one. */
  shownAfterMs: number | null;
  /** From the end of the block to the end of the step; null where the block does not end. */
  doneAfterMs: number | null;
  /** What the step answered, or the message of its failure. */
  detail: string;
  failed: boolean;
  /** Pods that were ready as the step ended. */
  readyPods: number;
  /** Bounds of the autoscaler when the step ended, and after a rollback. */
  bounds?: { scaled: string; restored: string };
}

/** A region's cluster, and the means to get in the way of a scale-up. */
export class BlockedCluster {
  readonly #lab: Lab;
  readonly #verbs: WorkloadsVerbs;
  readonly #apps: AppsV1Api;
  readonly #core: CoreV1Api;
  readonly #blocker: PodBlocker;
  readonly #autoscaling: AutoscalingV2Api;

  private constructor(lab: Lab, folder: string, config: KubeConfig) {
    this.#lab = lab;
    this.#verbs = workloadsActivities(depsOf(folder));
    this.#apps = config.makeApiClient(AppsV1Api);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#blocker = new PodBlocker(config);
    this.#autoscaling = config.makeApiClient(AutoscalingV2Api);
  }

  /** The lab must have the standby region's Kubernetes. */
  static async open(lab: Lab): Promise<BlockedCluster> {
    const folder = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    const config = await standbyCluster(lab);
    await provisionKubernetes(lab, TO);
    return new BlockedCluster(lab, folder, config);
  }

  async play(block: Block): Promise<Blocked> {
    await this.#renew();
    const how = { webhook: this.#webhook, quota: this.#quota, lowered: this.#lowered };
    if (block === 'autoscaler') return await this.#autoscaler();
    return await (block === 'fought' ? this.#fought() : how[block].call(this));
  }

  /** Two pods that are ready, and nothing in the way. */
  async #renew(): Promise<void> {
    const patience = { what: 'the Deployment', withinMs: 60_000, everyMs: 50 };
    await this.#blocker.removeHook();
    await this.#core.deleteCollectionNamespacedResourceQuota({ namespace: NAMESPACE });
    await this.#autoscaling.deleteCollectionNamespacedHorizontalPodAutoscaler({ namespace: NAMESPACE });
    await this.#apps.deleteCollectionNamespacedDeployment({ namespace: NAMESPACE, propagationPolicy: 'Foreground' });
    await eventually(patience, async () => {
      const { items } = await this.#apps.listNamespacedDeployment({ namespace: NAMESPACE });
      if (items.length > 0) throw new Error('it is still there');
    });
    await provisionKubernetes(this.#lab, TO);
    await eventually(patience, async () => {
      const ready = await this.#blocker.readyPods();
      if (ready !== 2) throw new Error(`${ready} pods are ready`);
    });
  }

  async #webhook(): Promise<Blocked> {
    await this.#blocker.addHook();
    return await this.#scaleUntilLifted(/failed calling webhook/, () => this.#blocker.removeHook());
  }

  async #quota(): Promise<Blocked> {
    const quota = { name: 'pods', namespace: NAMESPACE };
    await this.#core.createNamespacedResourceQuota({
      namespace: NAMESPACE,
      body: { metadata: { name: quota.name }, spec: { hard: { pods: '2' } } },
    });
    await eventually({ what: 'the quota to be counted', withinMs: 30_000, everyMs: 50 }, async () => {
      const { status } = await this.#core.readNamespacedResourceQuota(quota);
      if (status?.used?.['pods'] !== '2') throw new Error(`${status?.used?.['pods']} pods are counted`);
    });
    return await this.#scaleUntilLifted(/exceeded quota: pods/, () => this.#core.deleteNamespacedResourceQuota(quota));
  }

  /** The count is lowered while nothing can come, so that as many as are asked for are ready at once. */
  async #lowered(): Promise<Blocked> {
    await this.#blocker.addHook();
    return await this.#scaleUntilLifted(/failed calling webhook/, async () => {
      await this.#blocker.setCount(2);
      await this.#blocker.raisedAgain(WANTED);
      await this.#blocker.removeHook();
    });
  }

  async #fought(): Promise<Blocked> {
    await this.#blocker.addHook();
    let over = false;
    const fight = async () => {
      while (!over) {
        await this.#blocker.setCount(2);
        await this.#blocker.raisedAgain(WANTED).catch(() => {});
      }
    };
    const scaling = this.#scale([]);
    const fighting = this.#blocker.raisedAgain(WANTED).then(fight);
    const ended = await scaling.finally(() => {
      over = true;
    });
    await fighting;
    return { ...ended, shownAfterMs: null, doneAfterMs: null };
  }

  async #autoscaler(): Promise<Blocked> {
    await this.#autoscaling.createNamespacedHorizontalPodAutoscaler({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'load' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
          minReplicas: 2,
          maxReplicas: 4,
        },
      },
    });
    const step = stepOf(workloads);
    const snapshot = await attempt(this.#verbs.captureWorkloads, step);
    const ended = await this.#scale([], step);
    await this.#autoscalerHasLooked();
    const readyPods = await this.#blocker.readyPods();
    const scaled = await this.#bounds();
    await attempt(this.#verbs.restoreWorkloads, { ...step, snapshot });
    const bounds = { scaled, restored: await this.#bounds() };
    return { ...ended, readyPods, shownAfterMs: null, doneAfterMs: null, bounds };
  }

  async #scaleUntilLifted(cause: RegExp, lift: () => Promise<unknown>): Promise<Blocked> {
    const heartbeats: unknown[] = [];
    const startedAt = performance.now();
    const scaling = this.#scale(heartbeats);
    await eventually({ what: `a heartbeat with ${cause}`, withinMs: 20_000, everyMs: 20 }, async () => {
      if (!heartbeats.some((each) => cause.test(JSON.stringify(each)))) throw new Error(`${heartbeats.at(-1)}`);
    });
    const shownAfterMs = Math.round(performance.now() - startedAt);
    await this.#backedOff();
    await lift();
    const liftedAt = performance.now();
    const ended = await scaling;
    return { ...ended, shownAfterMs, doneAfterMs: Math.round(performance.now() - liftedAt) };
  }

  /** The controller has failed so often that by itself it would wait for longer than a block is to last. */
  async #backedOff(): Promise<void> {
    const since = Date.now();
    await eventually({ what: 'the controller to back off', withinMs: 60_000 }, async () => {
      if (Date.now() - since < 2 * SOON_MS) throw new Error('it still tries again soon');
    });
  }

  async #scale(heartbeats: unknown[], step = stepOf(workloads)) {
    const info = { startToCloseTimeoutMs: 60_000 };
    const ended = await attempt(this.#verbs.scaleWorkloads, step, { info, heartbeats }).then(
      ({ detail }: StepResult) => ({ detail, failed: false }),
      (error: Error) => ({ detail: error.message, failed: true }),
    );
    return { ...ended, readyPods: await this.#blocker.readyPods() };
  }

  /** The controller has seen the bounds as they are, and scaled into them. */
  async #autoscalerHasLooked(): Promise<void> {
    const since = Date.now();
    await eventually({ what: 'the autoscaler to look twice', withinMs: 30_000 }, async () => {
      if (Date.now() - since < 3_000) throw new Error('it has not looked');
    });
  }

  async #bounds(): Promise<string> {
    const { spec } = await this.#autoscaling.readNamespacedHorizontalPodAutoscaler({
      name: 'load',
      namespace: NAMESPACE,
    });
    return `${spec?.minReplicas} to ${spec?.maxReplicas}`;
  }
}

/** What is wrong with a run; null when nothing is. */
export function wrongWith(block: Block, seen: Blocked): string | null {
  const { shownAfterMs, doneAfterMs, detail, failed, readyPods, bounds } = seen;
  if (block === 'fought') {
    const named = failed && /kubectl at \d\d:\d\d:\d\d UTC set api to 2, and keeps undoing it/.test(detail);
    return named ? null : `it did not end with who undoes it: ${detail}`;
  }
  if (failed) return `failed: ${detail}`;
  if (readyPods < WANTED) return `done with ${readyPods} pods that are ready: ${detail}`;
  if (shownAfterMs !== null && shownAfterMs > SOON_MS) return `the cause was shown after ${shownAfterMs} ms`;
  if (doneAfterMs !== null && doneAfterMs > SOON_MS) return `done ${doneAfterMs} ms after the block was lifted`;
  if (block === 'lowered' && !/kubectl at \S+ UTC set api to 2, and it was set to 6 again/.test(detail)) return detail;
  if (bounds !== undefined && (bounds.scaled !== '6 to 6' || bounds.restored !== '2 to 4')) {
    return `the autoscaler had ${bounds.scaled}, and ${bounds.restored} after a rollback`;
  }
  return null;
}

async function judged(name: string, block: Block, cluster: BlockedCluster): Promise<Run> {
  try {
    const seen = await cluster.play(block);
    const times = `shown after ${seen.shownAfterMs} ms, done ${seen.doneAfterMs} ms after its end`;
    const line = `${name}: ${times}, ${seen.readyPods} pods ready; ${seen.detail}`;
    return { name: line, struck: true, wrong: wrongWith(block, seen) };
  } catch (error) {
    return { name, struck: true, wrong: String(error) };
  }
}

/** Each block, as often as wished. */
export async function* scaleBlocked(times: number, signal: AbortSignal): AsyncGenerator<Run> {
  const lab = await up({ name: `chaos-${process.pid}`, only: [`${TO}/kubernetes`], signal });
  try {
    const cluster = await BlockedCluster.open(lab);
    for (let run = 1; run <= times; run++) {
      for (const block of BLOCKS) {
        yield await judged(`scale blocked ${run}, ${block}`, block, cluster);
      }
    }
  } finally {
    await lab.down();
  }
}
