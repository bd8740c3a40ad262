import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  ListWatch,
  type V1Deployment,
  type V1Secret,
  Watch,
} from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { mustReadAgain, type Rollout, rolloutOf } from './rollout.ts';

const DEPLOYMENT = 'api';
const SECRET = 'database';
const RETRY_MS = 250;

/** Where the pods were told that the database is. */
export interface DatabaseLocation {
  host: string;
  port: number;
}

/** The region's Deployment, as the application sees it. */
export interface Workloads {
  readyPods(): number;
  wantedPods(): number;
  stop(): Promise<void>;
}

interface Watched {
  kubeconfig: string;
  namespace: string;
  log: Logger;
  /** Called when a completed rollout has read the Secret: at the start, and whenever the pod template has changed. */
  onDatabase: (location: DatabaseLocation) => void;
}

/**
 * Watches the Deployment. The last thing seen stays true while the Kubernetes API does not answer: pods outlive their
 * control plane.
 */
export async function watchWorkloads({ kubeconfig, namespace, log, onDatabase }: Watched): Promise<Workloads> {
  const cluster = new KubeConfig();
  cluster.loadFromString(kubeconfig);
  const core = cluster.makeApiClient(CoreV1Api);
  let readyPods = 0;
  let wantedPods = 0;
  let revisionRead: string | null = null;
  let retry: NodeJS.Timeout | undefined;

  const informer = deploymentInformer(cluster, namespace);
  const readDatabase = async (rollout: Rollout) => {
    revisionRead = rollout.revision;
    try {
      onDatabase(locationOf(await core.readNamespacedSecret({ namespace, name: SECRET })));
    } catch (cause) {
      log.warn({ err: cause }, 'the database Secret cannot be read; trying again');
      revisionRead = null;
      retry = setTimeout(() => look(informer.get(DEPLOYMENT, namespace)), RETRY_MS);
    }
  };
  const look = (deployment: V1Deployment | undefined) => {
    if (deployment === undefined) return;
    const rollout = rolloutOf(deployment);
    ({ readyPods, wantedPods } = rollout);
    if (mustReadAgain(rollout, revisionRead)) void readDatabase(rollout);
  };
  informer.on('add', look);
  informer.on('update', look);
  informer.on('delete', () => {
    revisionRead = null;
    readyPods = 0;
    wantedPods = 0;
  });
  const watching = await keepWatching(informer, log);
  const stop = () => {
    clearTimeout(retry);
    return watching.stop();
  };
  return { readyPods: () => readyPods, wantedPods: () => wantedPods, stop };
}

function deploymentInformer(cluster: KubeConfig, namespace: string): ListWatch<V1Deployment> {
  const apps = cluster.makeApiClient(AppsV1Api);
  const fieldSelector = `metadata.name=${DEPLOYMENT}`;
  return new ListWatch<V1Deployment>(
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    new Watch(cluster),
    () => apps.listNamespacedDeployment({ namespace, fieldSelector }),
    false,
    undefined,
    fieldSelector,
  );
}

/** An informer gives up at the first error and leaves it to its user to start it again. */
async function keepWatching(informer: ListWatch<V1Deployment>, log: Logger): Promise<{ stop(): Promise<void> }> {
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  const again = (cause: unknown) => {
    if (stopped) return;
    log.warn({ reason: cause instanceof Error ? cause.message : String(cause) }, 'lost sight of the Deployment');
    clearTimeout(retry);
    retry = setTimeout(start, RETRY_MS);
  };
  const start = () => informer.start().catch(again);
  informer.on('error', again);
  await start();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      await informer.stop();
    },
  };
}

function locationOf(secret: V1Secret): DatabaseLocation {
  const text = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
  const location = { host: text('host'), port: Number(text('port')) };
  if (location.host === '' || !Number.isInteger(location.port)) throw new Error(`Secret "${SECRET}" names no database`);
  return location;
}
