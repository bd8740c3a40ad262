import type { DebianPackage } from './tool.ts';

const POSTGRESQL = '/usr/lib/postgresql/15/bin';
const LIBRARIES = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** Debian packages of the lab. Their versions are those of Debian 12; the programs are started from where they lie. */
export const PACKAGES = {
  'postgresql-15': {
    why: 'databases of both regions',
    programs: Object.fromEntries(
      ['postgres', 'initdb', 'pg_basebackup', 'pg_verifybackup'].map((name) => [name, `${POSTGRESQL}/${name}`]),
    ),
  },
  'redis-server': { why: 'caches of both regions', programs: { 'redis-server': '/usr/bin/redis-server' } },
  'clickhouse-server': {
    why: 'analytics of both regions',
    programs: { 'clickhouse-server': '/usr/sbin/clickhouse-server' },
  },
  zookeeper: {
    why: "coordination of ClickHouse's replicas",
    programs: { 'zookeeper-classes': '/usr/share/java/zookeeper.jar' },
  },
  prometheus: { why: 'alert rules', programs: { prometheus: '/usr/bin/prometheus' } },
  'prometheus-alertmanager': {
    why: 'alerts to the gateway',
    programs: { alertmanager: '/usr/bin/prometheus-alertmanager' },
  },
  patroni: { why: 'what the bench compares with', programs: { patroni: '/usr/bin/patroni' } },
  jq: { why: 'commands of break-glass runbooks', programs: { jq: '/usr/bin/jq' } },
  curl: { why: 'commands of break-glass runbooks', programs: { curl: '/usr/bin/curl' } },
  openssl: { why: 'certificates of the control planes', programs: { openssl: '/usr/bin/openssl' } },
  'openssh-client': { why: "approvers' keys", programs: { 'ssh-keygen': '/usr/bin/ssh-keygen' } },
  libfaketime: {
    why: 'processes whose clock is wrong',
    programs: { faketime: `${LIBRARIES}/faketime/libfaketime.so.1` },
  },
  'util-linux': { why: 'running PostgreSQL as its own user', programs: { setpriv: '/usr/bin/setpriv' } },
  'openjdk-17-jre-headless': { why: 'ZooKeeper and the Temporal test server', programs: { java: '/usr/bin/java' } },
} as const satisfies Record<string, DebianPackage>;
