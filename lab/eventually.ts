import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  /** What is waited for, completing "gave up waiting for …". */
  what: string;
  withinMs: number;
  everyMs?: number;
  signal?: AbortSignal | undefined;
  /** Throws when waiting longer is in vain. */
  hopeless?(): void;
}

/** Calls `look` until it does not throw, and answers what it answered; at the deadline throws what it last threw. */
export async function eventually<T>(patience: Patience, look: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patience.withinMs;
  for (;;) {
    patience.signal?.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      patience.hopeless?.();
      if (Date.now() >= deadline) throw gaveUp(patience, error);
    }
    await sleep(patience.everyMs ?? 100);
  }
}

function gaveUp({ what, withinMs }: Patience, last: unknown): Error {
  const reason = last instanceof Error ? last.message : String(last);
  return new Error(`gave up waiting for ${what} after ${withinMs} ms: ${reason}`);
}
