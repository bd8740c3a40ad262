import { join } from 'node:path';
import { THIRD_PLACE } from '../places.ts';
import { type Context, known } from '../service.ts';

/** `config.xml`: one loopback address, ZooKeeper in the third place, caches small enough for a laptop. */
export function serverSettings({ folder, host, hosts, ports }: Context, replica: string): string {
  return xml('yandex', {
    logger: { level: 'warning', console: 1 },
    listen_host: host,
    http_port: known(ports, 'clickhouse'),
    tcp_port: known(ports, 'clickhouse-native'),
    interserver_http_port: known(ports, 'clickhouse-interserver'),
    interserver_http_host: host,
    path: `${join(folder, 'data')}/`,
    tmp_path: `${join(folder, 'tmp')}/`,
    users_config: join(folder, 'users.xml'),
    default_profile: 'default',
    default_database: 'default',
    mark_cache_size: 67_108_864,
    zookeeper: {
      node: { host: known(hosts, THIRD_PLACE), port: known(ports, 'zookeeper') },
      session_timeout_ms: 4_000,
    },
    macros: { replica },
  });
}

/** `users.xml`: one user without a password, from this machine only. */
export function userSettings(): string {
  return xml('yandex', {
    profiles: { default: { max_memory_usage: 1_000_000_000, log_queries: 0 } },
    users: { default: { password: '', networks: { ip: '127.0.0.0/8' }, profile: 'default', quota: 'default' } },
    quotas: { default: { interval: { duration: 3600 } } },
  });
}

type Settings = { [name: string]: string | number | Settings };

function xml(name: string, value: string | number | Settings): string {
  if (typeof value !== 'object') return `<${name}>${escaped(`${value}`)}</${name}>`;
  const inside = Object.entries(value).map(([child, setting]) => xml(child, setting));
  return `<${name}>${inside.join('\n')}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
