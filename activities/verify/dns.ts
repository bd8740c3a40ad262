import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import type { Wiring } from '../../plan/wiring/index.ts';
import { reasonOf } from '../reason.ts';
import { type Finding, failed, passed, unknown } from './check.ts';

const PATIENCE = { timeout: 1_000, tries: 2 };

/** A DNS server's answer for one name. */
type Answer = { server: string; addresses: string[] } | { server: string; error: string };

export interface Leads {
  finding: Finding;
  /** One of the region's addresses that the name leads to; null unless all answers are of the region. */
  address: string | null;
}

/** Whether the name that clients use leads to `to`, by every DNS server of the service that answers. */
export async function leadsTo(plan: RecoveryPlan, to: string): Promise<Leads> {
  const { host, resolvers } = plan.service;
  const servers = resolvers.length === 0 ? [null] : resolvers;
  const answers = await Promise.all(servers.map((server) => ask(server, host)));
  const own = await addressesOf(plan, to);
  return judge(answers, own, host, to);
}

/** Whether every other name that the plan's DNS components move leads to `to`, each by its own DNS servers. */
export async function movedNamesLeadTo(plan: RecoveryPlan, to: string): Promise<{ name: string; finding: Finding }[]> {
  return await Promise.all(
    otherNames(plan, to).map(async ({ name, servers, values }) => {
      const answers = await Promise.all(servers.map((server) => ask(server, name)));
      const own = await addressesOfAll(values, servers[0] ?? null);
      return { name, finding: judge(answers, own, name, to).finding };
    }),
  );
}

interface MovedName {
  name: string;
  /** `host:port` of each DNS server that clients' resolvers ask; null is the system's own. */
  servers: (string | null)[];
  /** The addresses, or names of such, that it must lead to. */
  values: string[];
}

/** Pure. The names of all records that DNS components move, other than the one that clients use for the service. */
export function otherNames(plan: RecoveryPlan, to: string): MovedName[] {
  const moved = new Map<string, MovedName>();
  for (const { shared, regions } of dnsWiring(plan)) {
    const own = shared.resolvers.length > 0 ? shared.resolvers : plan.service.resolvers;
    const servers = own.length > 0 ? own : [null];
    for (const name of new Set(shared.records.map((record) => plain(record.name)))) {
      const before = moved.get(name) ?? { name, servers: [], values: [] };
      moved.set(name, {
        name,
        servers: [...new Set([...before.servers, ...servers])],
        values: [...before.values, ...(regions[to]?.values ?? [])],
      });
    }
  }
  moved.delete(plain(plan.service.host));
  return [...moved.values()];
}

/** Pure. One server that still answers another region sends its clients there. */
export function judge(answers: readonly Answer[], own: readonly string[], host: string, to: string): Leads {
  const told = answers.filter((answer) => 'addresses' in answer);
  const silent = answers.filter((answer) => 'error' in answer).map(({ server, error }) => `${server}: ${error}`);
  if (told.length === 0) return { address: null, finding: unknown(`${host}: no answer (${silent.join('; ')})`) };
  const astray = told.flatMap(({ server, addresses }) =>
    addresses.filter((address) => !own.includes(address)).map((address) => `${address} by ${server}`),
  );
  if (astray.length > 0)
    return { address: null, finding: failed(`${host} leads to ${astray.join(', ')}, not to ${to}`) };
  const addresses = [...new Set(told.flatMap((answer) => answer.addresses))];
  if (addresses.length === 0) return { address: null, finding: failed(`${host} leads nowhere`) };
  const unheard = silent.length === 0 ? '' : `; without an answer: ${silent.join('; ')}`;
  return {
    address: addresses[0] ?? null,
    finding: passed(`${host} leads to ${addresses.join(', ')} in ${to}${unheard}`),
  };
}

async function ask(server: string | null, host: string): Promise<Answer> {
  const name = server ?? 'the system resolver';
  try {
    return { server: name, addresses: await resolve(server, host) };
  } catch (cause) {
    return { server: name, error: reasonOf(cause) };
  }
}

/** Addresses of a name by one DNS server, `host:port`; by the system's own when null. Throws without an answer. */
export async function resolve(server: string | null, host: string): Promise<string[]> {
  const resolver = new Resolver(PATIENCE);
  if (server !== null) resolver.setServers([server]);
  return resolver.resolve4(host).catch((noIPv4: NodeJS.ErrnoException) => {
    // A server that is silent would be silent once more, and a name that is not there has no address of any kind.
    if (noIPv4.code !== 'ENODATA') throw noIPv4;
    return resolver.resolve6(host).catch(() => Promise.reject(noIPv4));
  });
}

/** The addresses at which a region serves: what its DNS components answer for the name, or else its own endpoint. */
export async function addressesOf(plan: RecoveryPlan, region: string): Promise<string[]> {
  const names = valuesFor(plan, region);
  const endpoint = plan.service.regions[region];
  if (names.length === 0 && endpoint !== undefined) names.push(new URL(endpoint).hostname.replace(/^\[|\]$/g, ''));
  return await addressesOfAll(names, plan.service.resolvers[0] ?? null);
}

async function addressesOfAll(values: readonly string[], server: string | null): Promise<string[]> {
  const found = values.map((value) => (isIP(value) === 0 ? resolve(server, value).catch(() => []) : [value]));
  return (await Promise.all(found)).flat();
}

function valuesFor(plan: RecoveryPlan, region: string): string[] {
  const host = plain(plan.service.host);
  return dnsWiring(plan)
    .filter(({ shared }) => shared.records.some(({ name }) => plain(name) === host))
    .flatMap(({ regions }) => regions[region]?.values ?? []);
}

const dnsWiring = ({ components }: RecoveryPlan) =>
  Object.values(components)
    .filter(({ kind }) => kind === 'dns')
    .map(({ wiring }) => wiring as Wiring<'route53'> | Wiring<'cloudflare'>);

/** A DNS name without case and final dot. */
const plain = (name: string) => name.replace(/\.$/, '').toLowerCase();
