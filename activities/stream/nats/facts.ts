import { type JetStreamManager, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { StreamFacts } from '../../../plan/facts.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { takes } from './state.ts';
import { isApiError, STREAM_NOT_FOUND } from './streams.ts';

/** So many consumers are told. */
const TOLD = 20;

/** The stream that takes the subjects, or else the mirror, as the server of a connection has it; null for neither. */
export async function streamFacts(
  connection: NatsConnection,
  { stream, mirror, subjects }: Wiring<'nats'>['shared'],
  timeoutMs: number,
): Promise<StreamFacts | null> {
  const manager = await jetstreamManager(connection, { timeout: timeoutMs });
  const found = (await Promise.all([stream, mirror].map((name) => find(manager, name)))).filter(
    (info) => info !== null,
  );
  const info =
    found.find(({ config }) => takes(config, subjects)) ?? found.find(({ config }) => config.name === mirror);
  return info === undefined ? null : await factsOf(manager, info, takes(info.config, subjects));
}

async function find({ streams }: JetStreamManager, name: string): Promise<StreamInfo | null> {
  return await streams.info(name).catch((cause) => {
    if (isApiError(cause, STREAM_NOT_FOUND)) return null;
    throw cause;
  });
}

async function factsOf({ consumers }: JetStreamManager, info: StreamInfo, source: boolean): Promise<StreamFacts> {
  const { name } = info.config;
  const all = await consumers.list(name).next();
  const durable = all.filter(({ config }) => config.durable_name !== undefined).slice(0, TOLD);
  return {
    name,
    source,
    firstSequence: info.state.first_seq,
    lastSequence: info.state.last_seq,
    deleted: info.state.num_deleted ?? 0,
    consumers: durable.map((consumer) => ({ name: consumer.name, acknowledged: consumer.ack_floor.stream_seq })),
    seenAt: new Date().toISOString(),
  };
}
