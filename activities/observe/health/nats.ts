import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { wiringOf } from '../../provider.ts';
import { type HealthLook, healthy, LOOK_MS } from './health.ts';

/** Does a server take a client, and answer it? */
export const nats: HealthLook = async (component, region, { secrets }) => {
  const { shared, region: own } = wiringOf<'nats'>(component, region);
  const credentials = shared.credentialsSecret;
  const authenticator = credentials && credsAuthenticator(new TextEncoder().encode(await secrets.get(credentials)));
  const connection = await connect({
    servers: own.servers,
    timeout: LOOK_MS,
    reconnect: false,
    ...(authenticator && { authenticator }),
  });
  try {
    await connection.flush();
    return healthy;
  } finally {
    await connection.close();
  }
};
