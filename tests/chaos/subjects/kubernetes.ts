import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Snapshot } from '../../../activities/contract.ts';
import { workloadsActivities } from '../../../activities/workloads/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { provisionKubernetes } from '../../../lab/provision/kubernetes.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { attempt, depsOf, FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import { DATABASE, SYSTEM } from '../../support/lab/shape.ts';
import { PodBlocker } from '../pod-blocker.ts';
import type { Prepared, Subject, Theatre } from './subject.ts';

const NAMESPACE = SYSTEM;
const REVISION = 'deployment.kubernetes.io/revision';
const NEW = { host: '127.0.0.20', port: 5432 };

const workloads = wired('workloads', 'kubernetes', {
  shared: {
    namespace: NAMESPACE,
    deployments: [{ name: 'api', replicas: 6, standbyReplicas: 2 }],
    databaseSecret: { name: 'database', hostKey: 'host', portKey: 'port', component: 'database' },
  },
  regions: {
    [FROM]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${FROM}` },
    [TO]: { kubeconfigSecret: `${SYSTEM}/kubernetes-${TO}` },
  },
});

const database = wired('database', 'postgres-streaming', {
  shared: { database: DATABASE, user: 'lifeboat', passwordSecret: 'x', tls: 'disable', replication: 'asynchronous' },
  regions: { [FROM]: NEW, [TO]: NEW },
});

/** A Deployment that is made anew for each run; Kubernetes itself counts its rollouts. */
export const kubernetes: Theatre = {
  needs: [`${TO}/kubernetes`],
  async open(lab) {
    const folder = lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '';
    const verbs = workloadsActivities(depsOf(folder));
    const config = new KubeConfig();
    config.loadFromString(await readSecret(folder, `${SYSTEM}/kubernetes-${TO}`));
    const apps = config.makeApiClient(AppsV1Api);
    const core = config.makeApiClient(CoreV1Api);
    const namespace = { namespace: NAMESPACE };
    await provisionKubernetes(lab, TO);

    async function renew(): Promise<void> {
      await apps.deleteNamespacedDeployment({ name: 'api', ...namespace, propagationPolicy: 'Foreground' });
      await core.deleteNamespacedSecret({ name: 'database', ...namespace });
      await eventually({ what: 'the Deployment to be gone', withinMs: 30_000, everyMs: 50 }, async () => {
        const { items } = await apps.listNamespacedDeployment(namespace);
        if (items.length > 0) throw new Error('it is there');
      });
      await provisionKubernetes(lab, TO);
      await eventually({ what: 'the first pods', withinMs: 30_000, everyMs: 50 }, async () => {
        const { status } = await apps.readNamespacedDeployment({ name: 'api', ...namespace });
        if (status?.readyReplicas !== 2) throw new Error('they are not ready');
      });
    }
    async function seen() {
      const { metadata, spec } = await apps.readNamespacedDeployment({ name: 'api', ...namespace });
      const { data = {} } = await core.readNamespacedSecret({ name: 'database', ...namespace });
      const host = Buffer.from(data['host'] ?? '', 'base64').toString();
      return { replicas: spec?.replicas, rollouts: Number(metadata?.annotations?.[REVISION]) - 1, host };
    }
    const old = lab.wiring['LAB_A_HOST'];
    const port = lab.wiring['LAB_POSTGRES_PORT'];

    /** What the phases before have done, and how a rollback puts it back. */
    async function start(...before: ('scaleWorkloads' | 'repointWorkloads')[]) {
      await renew();
      const step = { ...stepOf(workloads, recoveryRef()), database };
      const snapshot = await attempt(verbs.captureWorkloads, step);
      for (const verb of before) await attempt(verbs[verb], step);
      return { step, snapshot, back: () => attempt(verbs.restoreWorkloads, { ...step, snapshot }) };
    }
    const capture = async (): Promise<Prepared> => {
      const { step } = await start();
      const captured = async (answer: unknown) => ({ ...(await seen()), captured: (answer as Snapshot).detail });
      const expected = { replicas: 2, rollouts: 0, host: old, captured: `api at 2, database ${old}:${port}` };
      return { input: step, seen: captured, expected };
    };
    const scale = async (): Promise<Prepared> => {
      const { step, back } = await start();
      const undo = { act: back, expected: { replicas: 2, rollouts: 0, host: old } };
      return { input: step, seen, expected: { replicas: 6, rollouts: 0, host: old }, undo };
    };
    /** Another writer has lowered the count since. */
    const confirm = async (): Promise<Prepared> => {
      const { step, back } = await start('scaleWorkloads');
      await new PodBlocker(config).setCount(2);
      const undo = { act: back, expected: { replicas: 2, rollouts: 0, host: old } };
      return { input: step, seen, expected: { replicas: 6, rollouts: 0, host: old }, undo };
    };
    const repoint = async (): Promise<Prepared> => {
      const { step, back } = await start('scaleWorkloads');
      // The old template comes back as a rollout of its own.
      const undo = { act: back, expected: { replicas: 2, rollouts: 2, host: old } };
      return { input: step, seen, expected: { replicas: 6, rollouts: 1, host: NEW.host }, undo };
    };
    const restore = async (): Promise<Prepared> => {
      const { step, snapshot } = await start('scaleWorkloads', 'repointWorkloads');
      return { input: { ...step, snapshot }, seen, expected: { replicas: 2, rollouts: 2, host: old } };
    };
    /** The cluster is the one that is left this time. */
    const standDown = async (): Promise<Prepared> => {
      const { step } = await start('scaleWorkloads');
      const input = { ...step, from: step.to, to: step.from };
      return { input, seen, expected: { replicas: 2, rollouts: 1, host: NEW.host } };
    };
    const subjects: Subject[] = [
      { verb: 'captureWorkloads', prepare: capture },
      { verb: 'scaleWorkloads', prepare: scale },
      { verb: 'confirmWorkloads', prepare: confirm },
      { verb: 'repointWorkloads', prepare: repoint },
      { verb: 'restoreWorkloads', prepare: restore },
      { verb: 'standDownWorkloads', prepare: standDown },
    ];
    return { subjects, close: async () => {} };
  },
};
