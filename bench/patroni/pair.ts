import type { Server } from './session.ts';

/** Two PostgreSQL servers and whatever makes the second take over when the first is gone. */
export interface Pair {
  readonly old: Server;
  readonly next: Server;
  /** Kills the primary whole and answers when, in milliseconds since 1970. */
  kill(): Promise<number>;
  /** Where the time went, as far as it is told. */
  account(): string;
  end(): Promise<void>;
}
