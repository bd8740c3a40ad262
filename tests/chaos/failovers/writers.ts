import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type LedgerEntry, readLedger } from '../../../lab/client/ledger.ts';
import type { Lab } from '../../../lab/lab.ts';
import { readSecret } from '../../../lab/secrets.ts';
import { DATABASE, REGIONS, SYSTEM } from '../../support/lab/shape.ts';

/** One acknowledged write. */
export type Acknowledged = Pick<LedgerEntry, 'id' | 'at' | 'region' | 'timeline'>;

const PACE_MS = 50;
/** Between tries of a region that is down. */
const AWAY_MS = 200;
/** What a standby says of a write. */
const READ_ONLY = '25006';
const CONNECT_MS = 1_000;
/** Longer than any freeze: what a woken server acknowledges must be heard. */
const ANSWER_MS = 60_000;

/**
 * Clients that write to the databases of both regions all the time, past DNS and application, whichever takes it: so
 * that two primaries would be seen. The lab's own client, which goes by the name, is heard of too.
 */
export class Writers {
  static readonly TABLE = 'create table direct (id bigint primary key)';
  /** Of the direct writers. */
  readonly direct: Acknowledged[] = [];
  /** Of the lab's client. */
  readonly clients: Acknowledged[] = [];
  readonly #lab: Lab;
  readonly #stop = new AbortController();
  #writing: Promise<unknown> = Promise.resolve();
  #next = 1;
  #offset = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  start(): void {
    this.#writing = Promise.all(REGIONS.map((region) => this.#write(region)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
  }

  /** Reads on in the ledger of the lab's client. */
  hearClients(): void {
    const file = join(this.#lab.folder, 'third-place', 'client', 'ledger.jsonl');
    const bytes = readFileSync(file).subarray(this.#offset);
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
    this.#offset += whole.length;
    this.clients.push(...readLedger(whole.toString()));
  }

  /** Forgets what was acknowledged until now. */
  forget(): void {
    this.hearClients();
    this.direct.length = 0;
    this.clients.length = 0;
  }

  async #write(region: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#session(region).catch(() => {
        // A region that is down is tried again.
      });
      await this.#pause(AWAY_MS);
    }
  }

  /** Writes for as long as the session lasts. */
  async #session(region: string): Promise<void> {
    const client = new pg.Client({
      ...this.#lab.endpoint(`${region}/postgres`),
      database: DATABASE,
      user: 'application',
      password: await readSecret(join(this.#lab.folder, 'secrets'), `${SYSTEM}/postgres-application`),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      while (!this.#stop.signal.aborted) {
        await this.#writeOne(client, region);
        await this.#pause(PACE_MS);
      }
    } finally {
      client.end().catch(() => {});
    }
  }

  /** A session with a standby is kept: the first write after its promotion goes through it. */
  async #writeOne(client: pg.Client, region: string): Promise<void> {
    const id = this.#next++;
    try {
      const { rows } = await client.query<{ timeline: number }>(WRITE, [id]);
      this.direct.push({ id, at: Date.now(), region, timeline: rows[0]?.timeline ?? 0 });
    } catch (error) {
      if ((error as pg.DatabaseError).code !== READ_ONLY) throw error;
    }
  }

  async #pause(durationMs: number): Promise<void> {
    await sleep(durationMs, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

const WRITE = `
  insert into direct (id) values ($1)
  returning ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as timeline`;
