/** Data only: which sites a lab has, and which services, names and secrets of which system they hold. */
export interface Shape {
  name: string;
  /** One line for `--help` and the screen. */
  title: string;
  /** Folder of `runbooks/` with the plan; the system's name in alerts and secrets. */
  system: string;
  sites: readonly Site[];
  /** What runs, site by site. */
  services: readonly Placement[];
  /** Names of the tasks that fill the services. */
  tasks: readonly string[];
  /** Secrets that the lab makes up, by the names that plans and programs use. */
  secrets: readonly string[];
  /** SSH keys of approvers. */
  keys: readonly ApproverKey[];
  database: DatabaseShape;
  /** Region by which AWS clients sign where they do not care. */
  awsRegion: string;
  /** The name that the client's orders go to; null where the client writes to the database itself. */
  clientName: string | null;
  zones: readonly Zone[];
  workloads: WorkloadsShape | null;
  /** Database of the analytics tables. */
  analytics: string | null;
  /** Prefix of the cache's keys. */
  cachePrefix: string | null;
  /** File of rules for the lab's Prometheus. */
  alertRules: string | null;
}

export interface Site extends Address {
  role: 'primary' | 'standby' | 'witness';
}

/** A loopback address of its own. */
export interface Address {
  name: string;
  /** Last byte: slot k is 127.0.k.<host>. */
  host: number;
  /** The wiring's variable with the address. */
  variable: string;
}

export interface Placement {
  kind: Kind;
  site: string;
  /** Of the database, where a site has several. */
  instance?: string;
}

export type Kind =
  | ('kubernetes' | 'postgres' | 'clickhouse' | 'nats' | 'redis' | 'application' | 'worker' | 'temporal' | 'gateway')
  | ('aws' | 'cloudflare' | 'dns' | 'zookeeper' | 'alertmanager' | 'prometheus' | 'client' | 'sink' | 'backups');

export interface ApproverKey {
  /** Name of the key file, and of the approver. */
  role: string;
  /** The wiring's variable with the public key. */
  variable: string;
}

export interface DatabaseShape {
  name: string;
  users: Record<DatabaseUser, { name: string; secret: string }>;
  /** The first is primary when the lab comes up, the others follow it. */
  instances: readonly Instance[];
  /** The lease that guards write to; null where PostgreSQL runs without a guard. */
  lease: { bucket: string; key: string; clockSkew: string } | null;
}

/** Who uses the database: the application that owns it, Lifeboat, and standbys. */
export type DatabaseUser = 'application' | 'lifeboat' | 'replicator';

export interface Instance {
  name: string;
  site: string;
  /** Null where the instance listens on its site's address. */
  address: Address | null;
}

export interface Zone {
  provider: 'route53' | 'cloudflare';
  name: string;
  /** The name that leads to the primary site. */
  record: string;
}

export interface WorkloadsShape {
  namespace: string;
  image: string;
  /** Pods at first, by site. */
  replicas: Record<string, number>;
}

export function siteWithRole(shape: Shape, role: Site['role']): string {
  const site = shape.sites.find((candidate) => candidate.role === role);
  if (site === undefined) throw new Error(`shape "${shape.name}" has no ${role} site`);
  return site.name;
}

export const primaryOf = (shape: Shape) => siteWithRole(shape, 'primary');
export const standbyOf = (shape: Shape) => siteWithRole(shape, 'standby');

/** Sites that serve, or could: all but the witness. */
export function servingSites({ sites }: Shape): string[] {
  return sites.filter(({ role }) => role !== 'witness').map(({ name }) => name);
}

export function otherSite(shape: Shape, site: string): string {
  return site === primaryOf(shape) ? standbyOf(shape) : primaryOf(shape);
}

/** Every address by its name: of sites, and of the instances that have one of their own. */
export function addressesOf({ sites, database }: Shape): Address[] {
  return [...sites, ...database.instances.flatMap(({ address }) => address ?? [])];
}

export function hostsOf(shape: Shape, slot: number): Record<string, string> {
  return Object.fromEntries(addressesOf(shape).map(({ name, host }) => [name, `127.0.${slot}.${host}`]));
}

export const addressName = ({ address, site }: Instance) => address?.name ?? site;

/** Name of the service that runs an instance. */
export function instanceService({ name, site }: Instance): string {
  return `${site}/${name === site ? 'postgres' : name}`;
}

export function firstInstance({ database, name }: Shape): Instance {
  const [first] = database.instances;
  if (first === undefined) throw new Error(`shape "${name}" has no database`);
  return first;
}

export function zoneOf({ zones, name }: Shape, provider: Zone['provider']): Zone {
  const zone = zones.find((candidate) => candidate.provider === provider);
  if (zone === undefined) throw new Error(`shape "${name}" has no zone at ${provider}`);
  return zone;
}

export const kubeconfigSecret = ({ system }: Shape, site: string) => `${system}/kubernetes-${site}`;
export const targetGroupName = ({ system }: Shape, site: string) => `${system}-${site}`;
export const cloudflareSecret = ({ system }: Shape) => `${system}/cloudflare`;

export function namespaceOf({ workloads, name }: Shape): string {
  if (workloads === null) throw new Error(`shape "${name}" has no workloads`);
  return workloads.namespace;
}

/** Name of the service of a placement: `<site>/<kind>`, or the instance's own name. */
export const serviceNameOf = ({ site, kind, instance }: Placement) => `${site}/${instance ?? kind}`;

/** Of these services and tasks those that the shape has: what is not there is not waited for. */
export function present(shape: Shape, names: readonly string[]): string[] {
  const there = new Set([...shape.services.map(serviceNameOf), ...shape.tasks]);
  return names.filter((name) => there.has(name));
}
