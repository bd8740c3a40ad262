import pg from 'pg';
import type { Answer } from '../../lab/client/lanes.ts';

/** A server that is gone refuses at once; one that hangs is given up after this. */
const TIMEOUT_MS = 1_000;
/** What a standby answers to a write. */
const READ_ONLY = '25006';

/** Safe to repeat; `pg_walfile_name` begins with the timeline. */
const WRITE = `insert into numbers (id) values ($1) on conflict (id) do update set id = excluded.id
  returning ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline`;

export interface Server {
  name: string;
  connection: pg.ClientConfig;
}

/** Writes to one server after the other until one takes it, as a client does that knows both. */
export class Session {
  readonly #servers: readonly Server[];
  readonly #clients = new Map<Server, pg.Client>();
  #turn = 0;

  constructor(servers: readonly Server[]) {
    this.#servers = servers;
  }

  /** One try, at the server that took the last write, or at the next one when the last try failed. */
  async write(id: number): Promise<Answer> {
    const server = this.#servers[this.#turn % this.#servers.length] as Server;
    try {
      const client = this.#clients.get(server) ?? (await connect(server));
      this.#clients.set(server, client);
      const { rows } = await client.query<{ timeline: number }>(WRITE, [id]);
      return { outcome: 'acknowledged', region: server.name, timeline: rows[0]?.timeline ?? 0 };
    } catch (error) {
      this.#turn += 1;
      if ((error as { code?: string }).code !== READ_ONLY) this.#close(server);
      return { outcome: 'failed', detail: String(error) };
    }
  }

  end(): void {
    for (const server of this.#servers) this.#close(server);
  }

  /** Does not wait: a server that hangs would not answer the farewell. */
  #close(server: Server): void {
    this.#clients
      .get(server)
      ?.end()
      .catch(() => {});
    this.#clients.delete(server);
  }
}

/** One statement in a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(server: Server, sql: string): Promise<Row[]> {
  const client = await connect(server);
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    client.end().catch(() => {});
  }
}

async function connect({ connection }: Server): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
}
