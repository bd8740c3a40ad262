import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../lab/eventually.ts';
import { PRIMARY, type Region, STANDBY, type TwoRegions } from './two-regions.ts';

/** Clients that write numbered orders to whichever region takes them, and keep a ledger of what was acknowledged. */
export class Orders {
  readonly acknowledged: { id: number; region: Region }[] = [];
  #regions: TwoRegions;
  #stop = new AbortController();
  #next = 1;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(regions: TwoRegions) {
    this.#regions = regions;
  }

  start(clients = 4): void {
    this.#stop = new AbortController();
    this.#writing = Promise.all(Array.from({ length: clients }, () => this.#write(this.#stop.signal)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
  }

  /** Waits until so many more have been acknowledged by a region. */
  async written(region: Region, more = 50): Promise<void> {
    const count = () => this.acknowledged.filter((order) => order.region === region).length;
    const goal = count() + more;
    await eventually({ what: `orders in ${region}`, withinMs: 20_000, everyMs: 20 }, async () => {
      if (count() < goal) throw new Error(`${count()} of ${goal}`);
    });
  }

  /** Acknowledged, and not in the region's database. */
  async missingIn(region: Region): Promise<number[]> {
    const acknowledged = this.acknowledged.map(({ id }) => id);
    const rows = await this.#regions.sql<{ id: string }>(region, 'select id from orders');
    const kept = new Set(rows.map(({ id }) => Number(id)));
    return acknowledged.filter((id) => !kept.has(id));
  }

  async #write(stop: AbortSignal): Promise<void> {
    for (let turn = 0; !stop.aborted; turn++) {
      await this.#writeTo(turn % 2 === 0 ? PRIMARY : STANDBY, stop);
      await sleep(10);
    }
  }

  /** Until the region takes no more. */
  async #writeTo(region: Region, stop: AbortSignal): Promise<void> {
    const client = await this.#regions.connect(region).catch(() => null);
    while (client !== null && !stop.aborted) {
      const id = this.#next++;
      const written = await client.query('insert into orders (id) values ($1)', [id]).catch(() => null);
      if (written === null) break;
      this.acknowledged.push({ id, region });
    }
    client?.end().catch(() => {});
  }
}
