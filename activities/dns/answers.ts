import type { ResolverOptions } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { fault } from '../fault.ts';
import { together } from '../together.ts';
import { keyText, type RecordKey, type RecordValues, sameValues, valuesText } from './record.ts';

/** One question to one server. */
const ONCE: ResolverOptions = { timeout: 1_000, tries: 1 };

/** How often a server is asked for a time to live: nothing asks again later, and a single lost packet is nothing rare. */
const TTL_QUESTIONS = 3;

/** `host:port` of a server whose answers count; the host is a name or an IPv4 address. */
export type Server = string;

/** Port of name servers that are known by their name only. */
export const DNS_PORT = 53;

/**
 * Asks every server for every record, and answers what is not yet as wanted: one text per difference. A server that
 * is silent differs too: what it will answer is not known.
 */
export async function differences(servers: readonly Server[], wanted: readonly RecordValues[]): Promise<string[]> {
  const questions = servers.flatMap((server) => wanted.map((record) => difference(server, record)));
  return (await together(questions)).filter((text) => text !== null);
}

/** What a server answers for a record, nothing when it says that there is none. Throws when it does not answer. */
export async function answeredValues(
  server: Server,
  { name, type }: RecordKey,
  patience: ResolverOptions = ONCE,
): Promise<string[]> {
  return (await ask(server, (resolver) => resolver.resolve(name, type) as Promise<string[]>, patience)) ?? [];
}

async function difference(server: Server, wanted: RecordValues): Promise<string | null> {
  try {
    const values = await answeredValues(server, wanted);
    if (sameValues(wanted.type, values, wanted.values)) return null;
    return `${server} answers ${valuesText(values)} for ${keyText(wanted)}`;
  } catch (cause) {
    return `${server} does not answer for ${keyText(wanted)} (${(cause as Error).message})`;
  }
}

/** The largest time to live, in seconds, that servers give with a record; null when they do not tell. */
export async function answeredTtl(servers: readonly Server[], { name, type }: RecordKey): Promise<number | null> {
  if (type === 'CNAME') return null;
  const askTtl = (resolver: Resolver) =>
    type === 'A' ? resolver.resolve4(name, { ttl: true }) : resolver.resolve6(name, { ttl: true });
  const answers = await together(servers.map((server) => askAgain(server, askTtl)));
  const ttls = answers.flatMap((records) => records ?? []).map(({ ttl }) => ttl);
  return ttls.length === 0 ? null : Math.max(...ttls);
}

/** How long resolvers keep that a name of the zone does not exist, in seconds (RFC 2308); null when no server tells. */
export async function negativeTtl(servers: readonly Server[], zone: string): Promise<number | null> {
  const answers = await together(servers.map((server) => askAgain(server, (resolver) => resolver.resolveSoa(zone))));
  const ttls = answers.flatMap((soa) => (soa === null ? [] : [soa.minttl]));
  return ttls.length === 0 ? null : Math.max(...ttls);
}

/** Null when the server never answers, too. */
async function askAgain<T>(server: Server, question: (resolver: Resolver) => Promise<T>): Promise<T | null> {
  for (let left = TTL_QUESTIONS; left > 0; left--) {
    try {
      return await ask(server, question);
    } catch {
      // It is asked again, or does not tell.
    }
  }
  return null;
}

/** Asks one server, and nobody else. Null when it says that there is no such record. */
async function ask<T>(
  server: Server,
  question: (resolver: Resolver) => Promise<T>,
  patience: ResolverOptions = ONCE,
): Promise<T | null> {
  const resolver = new Resolver(patience);
  resolver.setServers([await addressOf(server)]);
  try {
    return await question(resolver);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return null;
    throw cause;
  }
}

/** Resolvers take addresses only. */
async function addressOf(server: Server): Promise<string> {
  const [host = '', port] = server.split(':');
  try {
    return `${(await lookup(host, { family: 4 })).address}:${port}`;
  } catch (cause) {
    throw fault('NotReached', `no address of name server ${host}: ${(cause as Error).message}`);
  }
}
