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
import type { Kind, Placement, Shape } from './shapes/shape.ts';
import { tasksOf } from './tasks.ts';

/** How a service of each kind is made for a site of a shape. */
const KINDS: Record<Kind, (shape: Shape, placement: Placement) => Service> = {
  ...{ alertmanager, application, aws, backups, clickhouse, client, cloudflare, dns, gateway, kubernetes },
  ...{ nats, postgres, prometheus, redis, sink, temporal, worker, zookeeper },
};

/** Every service of a lab of that shape. */
export function servicesOf(shape: Shape): Service[] {
  return shape.services.map((placement) => KINDS[placement.kind](shape, placement));
}

export class UnknownName extends Error {
  override name = 'UnknownName';
}

export function serviceNamed(shape: Shape, name: string): Service {
  const services = servicesOf(shape);
  const service = services.find((candidate) => candidate.name === name);
  if (service) return service;
  const names = services.map((candidate) => candidate.name).sort();
  throw new UnknownName(`there is no service "${name}"; known are: ${names.join(', ')}`);
}

/** The named services and tasks with all that they need, however indirectly; everything when none is named. */
export function withNeeds(shape: Shape, names?: readonly string[]): (Service | Task)[] {
  const nodes = [...servicesOf(shape), ...tasksOf(shape)];
  if (!names) return nodes;
  const wanted = new Set<Service | Task>();
  const add = (name: string) => {
    const node = nodes.find((candidate) => candidate.name === name) ?? serviceNamed(shape, name);
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
