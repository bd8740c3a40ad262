import { JetStreamApiError, type JetStreamManager, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { Step } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { refusal } from '../../fault.ts';
import { wiringOf } from '../../provider.ts';
import { rethrow } from '../../rethrow.ts';

const TIMEOUT_MS = 5_000;

/** JetStream's own error codes, from errors.json of nats-server. */
export const STREAM_NOT_FOUND = 10059;
export const MIRROR_NOT_UPDATABLE = 10055;

export type Streams = JetStreamManager['streams'];

/** Lets `act` use the streams of the step's `to`, over a connection of its own. */
export async function withStreams<T>(
  { secrets }: Deps,
  { component, to }: Step,
  act: (streams: Streams) => Promise<T>,
): Promise<T> {
  const { shared, region } = wiringOf<'nats'>(component, to);
  const credentials = shared.credentialsSecret;
  const authenticator = credentials && credsAuthenticator(new TextEncoder().encode(await secrets.get(credentials)));
  const connection = await connect({
    servers: region.servers,
    timeout: TIMEOUT_MS,
    reconnect: false,
    ...(authenticator && { authenticator }),
  }).catch((cause) => rethrow(`${component.name}: could not connect to NATS in ${to}`, cause, false));
  try {
    const { streams } = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
    return await act(streams);
  } catch (cause) {
    // What JetStream itself rejects stays rejected.
    const rejected = cause instanceof JetStreamApiError && cause.status < 500;
    return rethrow(`${component.name} in ${to}`, cause, rejected);
  } finally {
    await connection.close();
  }
}

/** What the mirror's stream is now, mirror or not. */
export async function inspect(streams: Streams, { component, to }: Step): Promise<StreamInfo> {
  const { mirror } = wiringOf<'nats'>(component, to).shared;
  try {
    return await streams.info(mirror);
  } catch (cause) {
    if (!isApiError(cause, STREAM_NOT_FOUND)) throw cause;
    throw refusal('WiringInvalid', `${component.name}: there is no stream "${mirror}" in ${to}`);
  }
}

export function isApiError(cause: unknown, code: number): boolean {
  return cause instanceof JetStreamApiError && cause.code === code;
}
