import type { Database } from './database.ts';

const EVERY_MS = 1_000;

/** What the database says of its own pages. */
export interface Integrity {
  /** Pages whose checksum did not fit; null while the database does not answer. */
  checksumFailures(): number | null;
  stop(): void;
}

/** Asks time and again, apart from scrapes: a database that hangs must not make its region look dead. */
export function watchIntegrity(database: Pick<Database, 'checksumFailures'>, everyMs = EVERY_MS): Integrity {
  let known: number | null = null;
  let asking = false;
  const ask = async () => {
    if (asking) return;
    asking = true;
    known = await database.checksumFailures().catch(() => null);
    asking = false;
  };
  const timer = setInterval(() => void ask(), everyMs);
  return { checksumFailures: () => known, stop: () => clearInterval(timer) };
}
