import { runLanes } from '../../lab/client/lanes.ts';
import { type LedgerEntry, lostWrites, outage, writesOnOldTimeline } from '../../lab/client/ledger.ts';
import { eventually } from '../../lab/eventually.ts';
import { ask, type Server, Session } from './session.ts';

/** Sessions that write at the same time, each a write every few milliseconds. */
const LANES = 4;
const PACE_MS = 10;
/** Before the kill, and after it on the new primary. */
const WRITES = 200;
const WITHIN_MS = 180_000;

/** What the writer saw of one failover. */
export interface Seen {
  /** Milliseconds from the kill to the first write that the new primary acknowledged. */
  ms: number;
  acknowledged: number;
  /** Acknowledged and not on the new primary. */
  lost: number;
  /** Acknowledged on the old timeline after the new one. */
  onOldTimeline: number;
}

/** Numbered writes without pause to whichever of two servers takes them, and a ledger of what was acknowledged. */
export class Writer {
  readonly #old: Server;
  readonly #next: Server;
  readonly #ledger: LedgerEntry[] = [];
  readonly #stop = new AbortController();
  #writing: Promise<void> = Promise.resolve();

  constructor(old: Server, next: Server) {
    this.#old = old;
    this.#next = next;
  }

  /** Makes the table, begins to write and answers once writing is under way. */
  async start(): Promise<void> {
    await ask(this.#old, 'create table numbers (id bigint primary key)');
    const sessions = Array.from({ length: LANES }, () => new Session([this.#old, this.#next]));
    const idle = [...sessions];
    const load = {
      ...{ lanes: LANES, paceMs: PACE_MS, firstId: 1 },
      async send(id: number) {
        const session = idle.pop() as Session;
        return await session.write(id).finally(() => idle.push(session));
      },
      acknowledged: (entry: LedgerEntry) => void this.#ledger.push(entry),
      answered: () => {},
    };
    this.#writing = runLanes(load, this.#stop.signal).finally(() => sessions.map((session) => session.end()));
    await this.#acknowledgedBy(this.#old);
  }

  /** Waits until the new primary has taken writes for a while, stops, and compares. */
  async seen(killedAt: number): Promise<Seen> {
    await this.#acknowledgedBy(this.#next);
    await this.stop();
    const rows = await ask<{ id: string }>(this.#next, 'select id from numbers');
    const lost = lostWrites(
      this.#ledger,
      rows.map(({ id }) => Number(id)),
    );
    const taken = outage(this.#ledger, this.#old.name, this.#next.name);
    if (taken === null) throw new Error(`${this.#next.name} took no write after ${this.#old.name}`);
    return {
      ms: taken.firstOfNew.at - killedAt,
      acknowledged: this.#ledger.length,
      lost: lost.length,
      onOldTimeline: writesOnOldTimeline(this.#ledger).length,
    };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
  }

  async #acknowledgedBy({ name }: Server): Promise<void> {
    await eventually({ what: `writes to ${name}`, withinMs: WITHIN_MS }, async () => {
      const count = this.#ledger.filter(({ region }) => region === name).length;
      if (count < WRITES) throw new Error(`${count} so far`);
    });
  }
}
