import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpGet } from '../http.ts';
import { readSecret } from '../secrets.ts';
import { type Context, known, type Program, type Service } from '../service.ts';
import type { Placement, Shape } from '../shapes/shape.ts';
import { prepareAccess, tokenSecretOf } from './kubernetes-access.ts';
import { createNodes, nodesReady, releaseNodes } from './kubernetes-nodes.ts';

/** Controllers that deployments and nodes need; the others would only cost start-up time. */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'node-lifecycle-controller',
  // Both hold pods back: what is denied by a quota, and what an autoscaler's bounds leave out.
  'resourcequota-controller',
  'horizontal-pod-autoscaler-controller',
];

/** A Kubernetes control plane whose nodes and pods are simulated by KWOK. */
export function kubernetes(_: Shape, { site }: Placement): Service {
  return {
    name: `${site}/kubernetes`,
    place: site,
    needs: [],
    tools: ['kubernetes', 'etcd', 'kwok', 'openssl'],
    ports: { kubernetes: 6443, 'kubernetes-etcd': 2379, 'kubernetes-etcd-peer': 2380 },
    readyWithinMs: 60_000,
    prepare: (context) => prepareAccess(context, site),
    programs: (context) => [
      etcd(context),
      apiServer(context, site),
      controllers(context),
      scheduler(context),
      kwok(context),
    ],
    async observe(context) {
      await apiServerReady(context, site);
      await nodesReady(context);
    },
  };
}

function etcd({ folder, host, ports, programs }: Context): Program {
  const clients = `http://${host}:${known(ports, 'kubernetes-etcd')}`;
  const peers = `http://${host}:${known(ports, 'kubernetes-etcd-peer')}`;
  return {
    name: 'etcd',
    command: known(programs, 'etcd'),
    args: [
      ...['--name', 'lab', '--data-dir', join(folder, 'etcd'), '--log-level', 'warn'],
      ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `lab=${peers}`],
      // The lab's machine does not lose power, and waiting for the disk is most of a cold start.
      '--unsafe-no-fsync',
    ],
  };
}

function apiServer(context: Context, site: string): Program {
  const { folder, host, ports, programs } = context;
  return {
    name: 'kube-apiserver',
    command: known(programs, 'kube-apiserver'),
    args: [
      `--etcd-servers=http://${host}:${known(ports, 'kubernetes-etcd')}`,
      ...[`--bind-address=${host}`, `--advertise-address=${host}`, `--secure-port=${known(ports, 'kubernetes')}`],
      ...[`--tls-cert-file=${join(folder, 'server.crt')}`, `--tls-private-key-file=${join(folder, 'server.key')}`],
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'server.crt')}`,
      `--service-account-signing-key-file=${join(folder, 'server.key')}`,
      '--service-cluster-ip-range=10.96.0.0/24',
      // Only the administrator has a token. Without roles, flow schemas and service accounts a start takes half the time.
      ...['--anonymous-auth=false', '--authorization-mode=AlwaysAllow', '--enable-priority-and-fairness=false'],
      ...['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
      '--shutdown-delay-duration=0s',
    ],
    async ready() {
      await apiServerReady(context, site);
      await releaseNodes(context);
    },
  };
}

function controllers({ folder, host, programs }: Context): Program {
  return {
    name: 'kube-controller-manager',
    command: known(programs, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${join(folder, 'kubeconfig')}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      ...['--leader-elect=false', `--bind-address=${host}`, '--secure-port=0'],
      // A region that is frozen for a while, control plane and all, does not lose its nodes when it goes on.
      '--node-monitor-grace-period=10m',
      // It has no measures here: it scales into its bounds, and there is no need to wait for that.
      '--horizontal-pod-autoscaler-sync-period=1s',
    ],
  };
}

function scheduler({ folder, host, programs }: Context): Program {
  return {
    name: 'kube-scheduler',
    command: known(programs, 'kube-scheduler'),
    args: [
      `--kubeconfig=${join(folder, 'kubeconfig')}`,
      ...['--leader-elect=false', `--bind-address=${host}`, '--secure-port=0'],
    ],
  };
}

function kwok(context: Context): Program {
  return {
    name: 'kwok',
    command: known(context.programs, 'kwok'),
    args: [
      `--kubeconfig=${join(context.folder, 'kubeconfig')}`,
      '--manage-all-nodes=true',
      `--node-ip=${context.host}`,
      // Without leases the control plane takes the nodes for lost after a minute, and their pods for not ready.
      '--node-lease-duration-seconds=40',
    ],
    ready: () => createNodes(context),
  };
}

async function apiServerReady({ folder, host, ports, secrets, shape }: Context, site: string): Promise<void> {
  await httpGet({
    url: `https://${host}:${known(ports, 'kubernetes')}/readyz`,
    ca: await readFile(join(folder, 'server.crt'), 'utf8'),
    token: await readSecret(secrets, tokenSecretOf(shape, site)),
  });
}
