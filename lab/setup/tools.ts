import type { Tool } from './tool.ts';

const KUBERNETES = '1.34.4';
const ETCD = '3.6.5';

/** The staging modules of Kubernetes: published apart, and replaced by hand when Kubernetes is built as a dependency. */
const KUBERNETES_STAGING = [
  'api',
  'apiextensions-apiserver',
  'apimachinery',
  'apiserver',
  'cli-runtime',
  'client-go',
  'cloud-provider',
  'cluster-bootstrap',
  'code-generator',
  'component-base',
  'component-helpers',
  'controller-manager',
  'cri-api',
  'cri-client',
  'csi-translation-lib',
  'dynamic-resource-allocation',
  'endpointslice',
  'externaljwt',
  'kms',
  'kube-aggregator',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'metrics',
  'mount-utils',
  'pod-security-admission',
  'sample-apiserver',
];

/** What the lab and the tests need and Debian does not have, pinned. How each is found or got: `locate.ts`, `obtain.ts`. */
export const TOOLS = {
  temporal: {
    version: '1.5.1',
    why: 'Temporal server and UI',
    programs: ['temporal'],
    buildSeconds: 255,
    variable: 'TEMPORAL_CLI',
    onPath: true,
    download: {
      url: 'https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_linux_{arch}.tar.gz',
      checksums: 'https://github.com/temporalio/cli/releases/download/v1.5.1/checksums.txt',
    },
    build: { kind: 'go-install', module: 'github.com/temporalio/cli/cmd/temporal@v1.5.1' },
  },
  'temporal-test-server': {
    version: '1.31.0',
    why: 'Temporal server that skips time, for tests',
    programs: ['temporal-test-server'],
    buildSeconds: 12,
    build: {
      kind: 'maven',
      artifact: 'io.temporal:temporal-test-server:1.31.0',
      main: 'io.temporal.testserver.TestServer',
      program: 'temporal-test-server',
    },
  },
  kubernetes: {
    version: KUBERNETES,
    why: 'Kubernetes control planes',
    programs: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
    buildSeconds: 325,
    download: {
      url: `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/{arch}/{program}`,
      checksums: `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/{arch}/{program}.sha256`,
    },
    build: {
      kind: 'go-build',
      module: 'k8s.io/kubernetes',
      version: `v${KUBERNETES}`,
      packages: [
        'k8s.io/kubernetes/cmd/kube-apiserver',
        'k8s.io/kubernetes/cmd/kube-controller-manager',
        'k8s.io/kubernetes/cmd/kube-scheduler',
      ],
      replace: Object.fromEntries(
        KUBERNETES_STAGING.map((name) => [`k8s.io/${name}`, `k8s.io/${name} v0.${KUBERNETES.replace('1.', '')}`]),
      ),
      set: {
        'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
        'k8s.io/component-base/version.gitMajor': '1',
        'k8s.io/component-base/version.gitMinor': '34',
      },
    },
  },
  etcd: {
    version: ETCD,
    why: "Kubernetes' store",
    programs: ['etcd'],
    buildSeconds: 29,
    download: {
      url: `https://github.com/etcd-io/etcd/releases/download/v${ETCD}/etcd-v${ETCD}-linux-{arch}.tar.gz`,
      checksums: `https://github.com/etcd-io/etcd/releases/download/v${ETCD}/SHA256SUMS`,
    },
    build: {
      kind: 'go-build',
      module: 'go.etcd.io/etcd/server/v3',
      version: `v${ETCD}`,
      packages: ['go.etcd.io/etcd/server/v3'],
      output: 'etcd',
    },
  },
  kwok: {
    version: '0.7.0',
    why: 'nodes and pods of the Kubernetes control planes',
    programs: ['kwok'],
    buildSeconds: 116,
    download: { url: 'https://github.com/kubernetes-sigs/kwok/releases/download/v0.7.0/kwok-linux-{arch}' },
    build: { kind: 'go-install', module: 'sigs.k8s.io/kwok/cmd/kwok@v0.7.0' },
  },
  nats: {
    version: '2.12.0',
    why: 'NATS JetStream in both regions',
    programs: ['nats-server'],
    buildSeconds: 25,
    download: {
      url: 'https://github.com/nats-io/nats-server/releases/download/v2.12.0/nats-server-v2.12.0-linux-{arch}.tar.gz',
      checksums: 'https://github.com/nats-io/nats-server/releases/download/v2.12.0/SHA256SUMS',
    },
    build: { kind: 'go-install', module: 'github.com/nats-io/nats-server/v2@v2.12.0' },
  },
  coredns: {
    version: '1.14.6',
    why: 'DNS that answers from Route 53 and Cloudflare zones',
    programs: ['coredns'],
    buildSeconds: 189,
    download: {
      url: 'https://github.com/coredns/coredns/releases/download/v1.14.6/coredns_1.14.6_linux_{arch}.tgz',
      checksums: 'https://github.com/coredns/coredns/releases/download/v1.14.6/coredns_1.14.6_linux_{arch}.tgz.sha256',
    },
    build: { kind: 'go-install', module: 'github.com/coredns/coredns@v1.14.6' },
  },
  toxiproxy: {
    version: '2.5.0',
    why: 'slow and cut networks',
    programs: ['server'],
    buildSeconds: 10,
    build: { kind: 'go-install', module: 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0' },
  },
  moto: {
    version: '5.2.5',
    why: 'AWS APIs: Route 53, ELB, CloudFront, S3',
    programs: ['moto_server'],
    buildSeconds: 46,
    build: { kind: 'venv', requirement: 'moto[server]==5.2.5', program: 'moto_server' },
  },
} as const satisfies Record<string, Tool>;
