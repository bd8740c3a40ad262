import { once } from 'node:events';
import { createConnection } from 'node:net';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { wiringOf } from '../../provider.ts';
import { streamFacts } from '../../stream/nats/facts.ts';
import { type HealthLook, healthy, LOOK_MS } from './health.ts';

/**
 * The first of the servers that greets whoever connects. The library is not let near one that does not: it would leave the
 * connection open for good, and with it the process.
 */
async function greeting(servers: readonly string[]): Promise<string> {
  const asked = servers.map(async (server) => {
    const { hostname: host, port } = new URL(`nats://${server}`);
    const socket = createConnection({ host, port: Number(port), signal: AbortSignal.timeout(LOOK_MS) });
    await once(socket, 'data').finally(() => socket.destroy());
    return server;
  });
  return await Promise.any(asked).catch(({ errors: [first] }: AggregateError) => Promise.reject(first));
}

/** Does a server take a client, and answer it? Then what its stream holds is seen, too. */
export const nats: HealthLook = async (component, region, { secrets }) => {
  const { shared, region: own } = wiringOf<'nats'>(component, region);
  const credentials = shared.credentialsSecret;
  const authenticator = credentials && credsAuthenticator(new TextEncoder().encode(await secrets.get(credentials)));
  const connection = await connect({
    servers: [await greeting(own.servers)],
    timeout: LOOK_MS,
    reconnect: false,
    ...(authenticator && { authenticator }),
  });
  try {
    await connection.flush();
    // A server that answers is healthy, whatever its JetStream does not tell.
    const stream = await streamFacts(connection, shared, LOOK_MS).catch(() => null);
    return stream === null ? healthy : { ...healthy, stream };
  } finally {
    await connection.close();
  }
};
