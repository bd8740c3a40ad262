import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardConfig } from './config.ts';
import { WalStream } from './wal-stream.ts';

/**
 * How often what has come is confirmed when nothing comes: a commit may wait for a right that comes later, and a server
 * passes over what it hears before it has begun to stream.
 */
const CONFIRM_MS = 50;
const RETRY_MS = 20;

/**
 * Stands between a commit and its acknowledgement. PostgreSQL waits for the guard as for a synchronous standby, and the
 * guard confirms only log that it has in hand at a moment when the right to take writes lasts. So whatever is frozen,
 * and for however long, a commit of later is answered to nobody. One for each life of PostgreSQL.
 */
export class Confirmer {
  /** Settles when the right is found over that was had, with one sentence: nothing is confirmed from then on. */
  readonly lost: Promise<string>;
  /** Why commits wait just now; null when they do not. */
  trouble: string | null = 'the log is not received yet';
  #config: GuardConfig;
  #mayConfirm: () => boolean;
  #had = false;
  #closed = new AbortController();
  #lose: (why: string) => void;

  /** @param mayConfirm does the right to take writes last, at this moment? */
  constructor(config: GuardConfig, mayConfirm: () => boolean) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.lost = promise;
    this.#lose = resolve;
    this.#config = config;
    this.#mayConfirm = mayConfirm;
  }

  /** Receives and confirms while the server takes writes; ends when it is closed. */
  async run(takesWrites: () => boolean): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      if (takesWrites()) await this.#receive(signal);
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Nothing is confirmed any more when it returns. */
  close(): void {
    this.#closed.abort();
  }

  /** One connection, until it breaks. */
  async #receive(closed: AbortSignal): Promise<void> {
    let stream: WalStream | null = null;
    const confirm = () => stream && this.#confirm(stream);
    const close = () => stream?.close();
    const timer = setInterval(confirm, CONFIRM_MS);
    closed.addEventListener('abort', close, { once: true });
    try {
      stream = await WalStream.open(this.#config, confirm);
      this.trouble = null;
      if (!closed.aborted) await stream.ended;
      this.trouble = 'the log has ended';
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    } finally {
      clearInterval(timer);
      closed.removeEventListener('abort', close);
      close();
    }
  }

  /** The right is looked at here, just before each time. Once it is over it does not come back in this life. */
  #confirm(stream: WalStream): void {
    if (this.#closed.signal.aborted) return;
    if (this.#mayConfirm()) {
      this.#had = true;
      stream.confirm();
    } else if (this.#had) {
      this.close();
      this.#lose('the right to take writes is over, and commits wait for it');
    }
  }
}
