import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEntry } from './ledger.ts';

/** What one request brought. `refused` is final: asking again with the same id cannot help. */
export type Answer =
  | { outcome: 'acknowledged'; region: string; timeline: number }
  | { outcome: 'failed' | 'refused'; detail: string };

export interface Load {
  lanes: number;
  /** A lane starts a request no more often than this. */
  paceMs: number;
  firstId: number;
  send: (id: number) => Promise<Answer>;
  acknowledged: (entry: LedgerEntry) => void;
  answered: (answer: Answer) => void;
}

/** Sends numbered orders, one at a time in each lane, each until it is acknowledged. Settles after `stop` aborts. */
export async function runLanes(load: Load, stop: AbortSignal): Promise<void> {
  let nextId = load.firstId;
  const lane = async () => {
    while (!stop.aborted) await sendUntilAcknowledged(nextId++, load, stop);
  };
  await Promise.all(Array.from({ length: load.lanes }, lane));
}

async function sendUntilAcknowledged(id: number, load: Load, stop: AbortSignal): Promise<void> {
  for (let attempts = 1; !stop.aborted; attempts++) {
    const startedAt = Date.now();
    const answer = await load.send(id);
    load.answered(answer);
    if (answer.outcome === 'acknowledged') {
      const at = Date.now();
      const { region, timeline } = answer;
      load.acknowledged({ id, at, time: new Date(at).toISOString(), region, timeline, attempts });
    }
    const rest = load.paceMs - (Date.now() - startedAt);
    if (rest > 0) await sleep(rest, undefined, { signal: stop }).catch(() => undefined);
    if (answer.outcome !== 'failed') return;
  }
}
