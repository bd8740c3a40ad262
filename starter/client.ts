import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { dataConverter } from '../codec/data-converter.ts';

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
  const connection = Connection.lazy({
    ...connectionOptions,
    channelArgs: RECONNECT,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: GRPC_ATTEMPTS }))],
  });
  const converter = dataConverter();
  return new Client({
    connection,
    interceptors: { workflow: interceptors },
    ...(namespace && { namespace }),
    ...(converter && { dataConverter: converter }),
  });
}

/** Ends the connection; calls under way fail. */
export async function closeClient(client: Client): Promise<void> {
  await client.connection.close();
}

/** Where the client connects to, for messages: `host:port`. */
export function addressOf(client: Client): string {
  return (client.connection as Connection).options.address;
}
