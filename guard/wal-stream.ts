import { readFile } from 'node:fs/promises';
import { Client, type ClientConfig, type Connection } from 'pg';
import { walBytes } from '../plan/wal-position.ts';
import type { GuardConfig } from './config.ts';

/** By this name commits wait for the guard. */
export const GUARD_AS_STANDBY = 'lifeboat_guard';

const CONNECTED_WITHIN_MS = 1_000;
/** The operator's may be short, to notice a region that is gone; a guard that is slow for a moment is not gone. */
const OPTIONS = '-c wal_sender_timeout=60s';

/** What `pg` knows of replication, and its types do not. */
type ReplicationConnection = Connection & { sendCopyFromChunk(chunk: Buffer): void };

/**
 * The log of the guard's own PostgreSQL, as a standby gets it; what comes is thrown away, only how far it came is kept.
 * Nothing is confirmed but by `confirm`.
 */
export class WalStream {
  /** Settles when nothing more comes, however that came. */
  readonly ended: Promise<void>;
  #client: Client;
  #received: bigint;

  private constructor(client: Client, { position, timeline }: { position: string; timeline: number }) {
    this.#client = client;
    this.#received = walBytes(position);
    const started = client.query(`START_REPLICATION PHYSICAL ${position} TIMELINE ${timeline}`);
    // At a promotion the server ends a standby's log, and waits for us to do so as well.
    const done = new Promise<void>((resolve) => client.connection.once('copyDone', resolve));
    this.ended = Promise.race([started.then(() => {}), done]);
    // One that is closed before anybody waits for its end must not end the guard.
    this.ended.catch(() => {});
  }

  /** @param onWal called whenever something came that can be confirmed */
  static async open(config: GuardConfig, onWal: () => void): Promise<WalStream> {
    const client = await connect(config);
    try {
      const { rows } = await client.query<{ xlogpos: string; timeline: number }>('IDENTIFY_SYSTEM');
      const [server] = rows;
      if (server === undefined) throw new Error('the server does not say where its log ends');
      const stream = new WalStream(client, { position: server.xlogpos, timeline: Number(server.timeline) });
      client.connection.on('copyData', ({ chunk }: { chunk: Buffer }) => {
        stream.#take(chunk);
        onWal();
      });
      return stream;
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
  }

  /** Confirms all that has come so far. */
  confirm(): void {
    (this.#client.connection as ReplicationConnection).sendCopyFromChunk(confirmationOf(this.#received, Date.now()));
  }

  /** Does not wait: nothing is confirmed any more when it returns. */
  close(): void {
    this.#client.end().catch(() => {});
  }

  #take(message: Buffer): void {
    this.#received = receivedBy(message) ?? this.#received;
  }
}

async function connect({ connection, listen, replication }: GuardConfig): Promise<Client> {
  if (replication === undefined) throw new Error('there is no role to receive the log as');
  const options: ClientConfig & { replication: string } = {
    host: connection.host ?? listen.host,
    port: listen.port,
    user: replication.user,
    password: (await readFile(replication.passwordFile, 'utf8')).replace(/\n$/, ''),
    application_name: GUARD_AS_STANDBY,
    options: OPTIONS,
    connectionTimeoutMillis: CONNECTED_WITHIN_MS,
    replication: 'true',
  };
  const client = new Client(options);
  // Without a listener a connection that breaks would end the guard.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
  return client;
}

/** "w": a piece of the log, after where it begins, where the log ends, and the time; other messages bring none. */
const WAL = 'w'.charCodeAt(0);
const WAL_HEADER_BYTES = 25;

/** How far the log has come with this message; null when it brings nothing of it. */
export function receivedBy(message: Buffer): bigint | null {
  if (message[0] !== WAL) return null;
  return message.readBigUInt64BE(1) + BigInt(message.length - WAL_HEADER_BYTES);
}

/** Times of this protocol are microseconds since 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** "r": a standby's status. All up to `position` is written, flushed and applied; no answer is wanted. */
export function confirmationOf(position: bigint, nowMs: number): Buffer {
  const message = Buffer.alloc(34);
  message.write('r');
  for (const at of [1, 9, 17]) message.writeBigUInt64BE(position, at);
  message.writeBigInt64BE(BigInt(nowMs - EPOCH_MS) * 1_000n, 25);
  return message;
}
