import type { Server } from './session.ts';

/** Two PostgreSQL servers and whatever makes the second take over when the first is gone. */
export interface Pair {
  readonly old: Server;
  readonly next: Server;
  /** Kills the primary whole and answers when, in milliseconds since 1970. */
  kill(): Promise<number>;
  /** Where the time went, once the new primary takes writes; null when nobody tells. */
  account(): Promise<string | null>;
  end(): Promise<void>;
}
