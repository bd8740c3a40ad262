import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { eventually } from '../../lab/eventually.ts';
import type { Region, TwoRegions } from '../support/database/two-regions.ts';

/** Longer than any freeze: they give nothing up that could still be answered. */
const PATIENCE_MS = 60_000;
/** Nothing but the guard keeps them from having a commit acknowledged. */
const NO_TIME_OUTS = '-c statement_timeout=0 -c idle_session_timeout=0';
const REFUSED_MS = 5;

export interface Acknowledged {
  /** On a clock that only moves forward. */
  at: number;
  transaction: string;
}

const ORDER = 'insert into orders default values returning pg_current_xact_id()::text as transaction';

/** Sessions that write orders to one region without pause, and connect again at once when anything goes wrong. */
export class ClingingWriters {
  readonly acknowledged: Acknowledged[] = [];
  readonly #regions: TwoRegions;
  readonly #region: Region;
  readonly #over = new AbortController();
  readonly #clients = new Set<pg.Client>();
  readonly #writing: Promise<void>[] = [];

  constructor(regions: TwoRegions, region: Region) {
    this.#regions = regions;
    this.#region = region;
  }

  /** Of a region that stands still, the connections wait in the backlog of its server. */
  start(count: number): void {
    for (let writer = 0; writer < count; writer++) this.#writing.push(this.#cling());
  }

  async written(count: number): Promise<void> {
    await eventually({ what: 'writes', withinMs: 10_000, everyMs: 10 }, async () => {
      if (this.acknowledged.length < count) throw new Error(`${this.acknowledged.length} so far`);
    });
  }

  async stop(): Promise<void> {
    this.#over.abort();
    for (const client of this.#clients) client.end().catch(() => {});
    await Promise.all(this.#writing);
  }

  async #cling(): Promise<void> {
    const patience = { queryMs: PATIENCE_MS, connectMs: PATIENCE_MS, options: NO_TIME_OUTS };
    while (!this.#over.signal.aborted) {
      const client = await this.#regions.connect(this.#region, 'application', patience).catch(() => null);
      if (client === null) await sleep(REFUSED_MS);
      else await this.#writeOrders(client);
    }
  }

  /** One after another; ends when the connection does. */
  async #writeOrders(client: pg.Client): Promise<void> {
    this.#clients.add(client);
    try {
      while (!this.#over.signal.aborted) {
        const { rows } = await client.query<{ transaction: string }>(ORDER);
        this.acknowledged.push({ at: performance.now(), transaction: rows[0]?.transaction ?? 'unknown' });
      }
    } catch {
      // The caller connects again.
    } finally {
      this.#clients.delete(client);
      client.end().catch(() => {});
    }
  }
}
