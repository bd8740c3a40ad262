import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';

const SUBJECT = 'orders.created';
const TIMEOUT_MS = 1000;

/** Tells others of new orders, through JetStream. */
export interface Events {
  /** Settles when the stream has the event. The same id twice is one event. */
  publish(id: number, entry: string): Promise<void>;
  /** Throws unless some stream of this region takes the events; a mirror does not. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}

/** Connects in the background and never gives up: the application starts without its region's NATS, too. */
export function events(location: { host: string; port: number }, log: Logger): Events {
  let open: { connection: NatsConnection; stream: JetStreamClient } | undefined;
  const opened = () => {
    if (open === undefined) throw new Error('not connected to NATS yet');
    return open;
  };
  connect({
    servers: `${location.host}:${location.port}`,
    name: 'application',
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    ignoreClusterUpdates: true,
  }).then(
    (connection) => {
      open = { connection, stream: jetstream(connection, { timeout: TIMEOUT_MS }) };
    },
    (cause) => log.error({ err: cause }, 'NATS refuses the connection; no events are published'),
  );
  return {
    publish: async (id, entry) => {
      await opened().stream.publish(SUBJECT, entry, { msgID: `order-${id}`, timeout: TIMEOUT_MS });
    },
    ping: async () => {
      const manager = await jetstreamManager(opened().connection, { timeout: TIMEOUT_MS, checkAPI: false });
      await manager.streams.find(SUBJECT);
    },
    stop: async () => open?.connection.close(),
  };
}
