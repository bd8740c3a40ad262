import { Resolver } from 'node:dns/promises';

/** Milliseconds that one DNS query may take, and how often it is asked. */
const QUERY = { timeout: 500, tries: 2 };

/**
 * Answers the name's address, as a client that honours the TTL: the same answer until it has run out, and a new query
 * then. An answer that has run out is never used again, not even when the new query fails.
 */
export function addressOf(name: string, server: string, now: () => number = Date.now): () => Promise<string> {
  const resolver = new Resolver(QUERY);
  resolver.setServers([server]);
  let answer: { address: string; expiresAt: number } | undefined;
  let asking: Promise<string> | undefined;

  async function query(): Promise<string> {
    const [record] = await resolver.resolve4(name, { ttl: true });
    if (record === undefined) throw new Error(`${name} has no address`);
    answer = { address: record.address, expiresAt: now() + record.ttl * 1000 };
    return record.address;
  }
  return async () => {
    if (answer !== undefined && now() < answer.expiresAt) return answer.address;
    asking ??= query().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
