import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { dataConverter } from '../codec/data-converter.ts';
import { StarterError } from './errors.ts';

/** How long a call to Temporal may take, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/** Few and quick: a person or an alert sender waits, and both try again. */
const GRPC_ATTEMPTS = 4;

/** A channel that lost its server looks for it again within a second, not within the two minutes of the default. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/**
 * A Temporal client by the standard environment configuration: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_…,
 * TEMPORAL_API_KEY, TEMPORAL_PROFILE and `temporal.toml`. With the codec's keys in LIFEBOAT_SECRETS_DIR it encrypts. It
 * connects with its first call, so that opening never waits. Close it with `closeClient`.
 */
export function openClient(interceptors: WorkflowClientInterceptor[] = []): Client {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = connect(connectionOptions);
  const converter = dataConverter();
  return new Client({
    connection,
    interceptors: { workflow: interceptors },
    ...(namespace && { namespace }),
    ...(converter && { dataConverter: converter }),
  });
}

/** @throws StarterError for an address that is none */
function connect(options: ConnectionOptions): Connection {
  const { address } = options;
  const invalid = `TEMPORAL_ADDRESS is "${address}", which is no address: expected host:port, e.g. 127.0.0.1:7233`;
  if (address === '') throw new StarterError('unreachable', invalid);
  try {
    return Connection.lazy({
      ...options,
      channelArgs: RECONNECT,
      interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: GRPC_ATTEMPTS }))],
    });
  } catch (cause) {
    if (cause instanceof TypeError) throw new StarterError('unreachable', invalid, cause);
    throw cause;
  }
}

/** Does neither TEMPORAL_ADDRESS nor a profile name a server? */
export function usesDefaultAddress(): boolean {
  return loadClientConnectConfig().connectionOptions.address === undefined;
}

/** Ends the connection; calls under way fail. */
export async function closeClient(client: Client): Promise<void> {
  await client.connection.close();
}

/** Where the client connects to, for messages: `host:port`. */
export function addressOf(client: Client): string {
  return (client.connection as Connection).options.address;
}
