import { seconds } from '../duration.ts';
import { type Findings, finding, own, warning } from '../finding.ts';
import type { Component, Environment, Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';
import { PROVIDERS, type ProviderName, type Wiring } from '../wiring/index.ts';

/** A component's wiring, accepted by its provider's schema. */
export interface WiredTo {
  provider: ProviderName;
  wiring: Wiring;
}

/** By component. */
export type Wired = ReadonlyMap<string, WiredTo>;

/** Components of the plan that the environment does not wire, and those it wires that the plan does not have. */
export function* checkWiredComponents(plan: Plan, { components }: Environment): Findings {
  const unwired = Object.keys(plan.components).filter((name) => !Object.hasOwn(components, name));
  for (const name of Object.keys(components)) {
    if (Object.hasOwn(plan.components, name)) continue;
    yield finding(['components', name], `the plan has no component "${name}"`, suggestion(name, unwired));
  }
  for (const name of unwired) {
    const message = `component "${name}" of the plan is not wired`;
    yield finding(['components', name], message, `add "${name}" with "shared" and "regions"`);
  }
}

/** What the schema of one provider cannot see: references to other components, and regions that are mixed up. */
export function* checkWiring(plan: Plan, wired: Wired): Findings {
  for (const [name, to] of wired) {
    yield* checkDatabaseReference(plan, name, to);
    yield* checkDistinct(plan, name, to);
    yield* checkZone(name, to);
    yield* checkLease(plan, name, to);
  }
}

/** The wiring, if it is that provider's. */
const wiringOf = <P extends ProviderName>({ provider, wiring }: WiredTo, name: P) =>
  provider === name ? (wiring as Wiring<P>) : null;

/** Where the wiring names the database component that it depends on. */
function reference(to: WiredTo): { path: string[]; component: string } | null {
  const cache = wiringOf(to, 'redis');
  if (cache !== null) return { path: ['database'], component: cache.shared.database };
  const workloads = wiringOf(to, 'kubernetes');
  if (workloads === null) return null;
  return { path: ['databaseSecret', 'component'], component: workloads.shared.databaseSecret.component };
}

function* checkDatabaseReference(plan: Plan, name: string, to: WiredTo): Findings {
  const found = reference(to);
  if (found === null || own(plan.components, found.component)?.kind === 'database') return;
  const databases = Object.entries(plan.components).flatMap(([each, { kind }]) => (kind === 'database' ? [each] : []));
  const message = `"${found.component}" is not a database component of the plan`;
  yield finding(['components', name, 'shared', ...found.path], message, suggestion(found.component, databases));
}

function* checkDistinct({ regions }: Plan, name: string, { wiring }: WiredTo): Findings {
  const [primary, standby] = [wiring.regions[regions.primary], wiring.regions[regions.standby]];
  const same = JSON.stringify(primary) === JSON.stringify(standby);
  if (!same || Object.keys(primary ?? {}).length === 0 || regions.primary === regions.standby) return;
  const message = `is wired to the very same place as in ${regions.primary}: a failover would move nothing`;
  yield finding(['components', name, 'regions', regions.standby], message, `write what it is in ${regions.standby}`);
}

/** Verification asks by the name that clients use: something has to move it. */
export function* checkServiceName({ service }: Environment, wired: Wired): Findings {
  const moved = [...wired.values()].flatMap((to) => recordsOf(to) ?? []).map(({ name }) => name.replace(/\.$/, ''));
  if (moved.length === 0 || moved.some((name) => name.toLowerCase() === service.host.toLowerCase())) return;
  const message = `no DNS component moves "${service.host}": verification waits until something else does`;
  yield warning(['service', 'host'], message, suggestion(service.host, moved));
}

const dnsOf = (to: WiredTo) => wiringOf(to, 'route53') ?? wiringOf(to, 'cloudflare');

/** The DNS records that a component moves; null when it moves none. */
export const recordsOf = (to: WiredTo) => dnsOf(to)?.shared.records ?? null;

function* checkZone(name: string, to: WiredTo): Findings {
  const dns = dnsOf(to);
  if (dns === null) return;
  const { zone, records } = dns.shared;
  for (const [index, record] of records.entries()) {
    if (record.name === zone || record.name.endsWith(`.${zone}`)) continue;
    const path = ['components', name, 'shared', 'records', index, 'name'];
    yield finding(path, `"${record.name}" is not in the zone "${zone}"`, `expected a name that ends with ".${zone}"`);
  }
}

/** Without a lease nothing proves that an old primary which cannot be reached takes no more writes. */
export function* checkLiveDatabase({ mode }: Environment, wired: Wired): Findings {
  if (mode !== 'live') return;
  for (const [name, to] of wired) {
    const database = wiringOf(to, 'postgres-streaming');
    if (database === null || database.shared.lease !== undefined) continue;
    const message = 'has no lease: no failover can prove its fence, and each asks at the gate "split-brain"';
    yield warning(['components', name, 'shared'], message, 'add "lease", and run the guard beside each server');
  }
}

function* checkLease({ regions }: Plan, name: string, to: WiredTo): Findings {
  const lease = wiringOf(to, 'postgres-streaming')?.shared.lease;
  if (lease === undefined) return;
  const path = ['components', name, 'shared', 'lease'];
  const { region } = lease.aws;
  if (region === regions.primary || region === regions.standby) {
    yield finding([...path, 'aws', 'region'], `the lease would be lost with ${region}`, 'keep it in a third region');
  }
  if (seconds(lease.ttl) > seconds(lease.clockSkew)) return;
  const message = `the clocks may be further apart (${lease.clockSkew}) than the lease lasts: it would prove nothing`;
  yield finding([...path, 'ttl'], message, `expected more than ${lease.clockSkew}`);
}

/** A component's provider, if there is one of that name and kind; the plan's own checks say so otherwise. */
export function providerOf(component: Component | undefined): ProviderName | undefined {
  const known = component === undefined ? undefined : own(PROVIDERS, component.provider);
  return known?.kind === component?.kind ? (component?.provider as ProviderName | undefined) : undefined;
}
