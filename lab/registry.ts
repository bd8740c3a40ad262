import { REGIONS, THIRD_PLACE } from './places.ts';
import type { Service, Task } from './service.ts';
import { alertmanager } from './services/alertmanager.ts';
import { application } from './services/application.ts';
import { aws } from './services/aws.ts';
import { backups } from './services/backups.ts';
import { clickhouse } from './services/clickhouse.ts';
import { client } from './services/client.ts';
import { cloudflare } from './services/cloudflare.ts';
import { dns } from './services/dns.ts';
import { gateway } from './services/gateway.ts';
import { kubernetes } from './services/kubernetes.ts';
import { nats } from './services/nats.ts';
import { postgres } from './services/postgres.ts';
import { prometheus } from './services/prometheus.ts';
import { redis } from './services/redis.ts';
import { sink } from './services/sink.ts';
import { temporal } from './services/temporal.ts';
import { worker } from './services/worker.ts';
import { zookeeper } from './services/zookeeper.ts';
import { TASKS } from './tasks.ts';

const IN_EACH_REGION = [kubernetes, postgres, clickhouse, nats, redis, application, worker];

/** Every service of the lab. */
export const SERVICES: readonly Service[] = [
  ...REGIONS.flatMap((region) => IN_EACH_REGION.map((service) => service(region))),
  ...[temporal, worker(THIRD_PLACE), gateway, aws, cloudflare, dns, zookeeper],
  ...[alertmanager, prometheus, client, sink, backups],
];

export class UnknownName extends Error {
  override name = 'UnknownName';
}

export function serviceNamed(name: string): Service {
  const service = SERVICES.find((candidate) => candidate.name === name);
  if (service) return service;
  const names = SERVICES.map((candidate) => candidate.name).sort();
  throw new UnknownName(`there is no service "${name}"; known are: ${names.join(', ')}`);
}

/** The named services and tasks with all that they need, however indirectly; everything when none is named. */
export function withNeeds(names: readonly string[] | undefined): (Service | Task)[] {
  if (!names) return [...SERVICES, ...TASKS];
  const wanted = new Set<Service | Task>();
  const add = (name: string) => {
    const node = TASKS.find((task) => task.name === name) ?? serviceNamed(name);
    if (wanted.has(node)) return;
    wanted.add(node);
    for (const need of node.needs) add(need);
  };
  for (const name of names) add(name);
  return [...wanted];
}

export function isService(node: Service | Task): node is Service {
  return 'programs' in node;
}
