import { z } from 'zod';

/** Reading of ledgers: what clients saw of an outage, and what was lost. Pure. */

/** One acknowledged order, one line of the ledger. */
export const LedgerEntry = z.object({
  id: z.int().positive(),
  /** Milliseconds since 1970 when the acknowledgement arrived. */
  at: z.number(),
  /** The same in ISO 8601. */
  time: z.string(),
  /** Region that acknowledged. */
  region: z.string(),
  /** PostgreSQL timeline of the server written to. */
  timeline: z.int(),
  /** Requests made for this order, the last one included. */
  attempts: z.int().positive(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

export interface Outage {
  /** Milliseconds from the old region's last acknowledgement to the new region's first. */
  ms: number;
  lastOfOld: LedgerEntry;
  firstOfNew: LedgerEntry;
}

/** The entries of a ledger file. What follows the last newline was cut short by a crash; a broken line throws. */
export function readLedger(text: string): LedgerEntry[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => LedgerEntry.parse(JSON.parse(line)));
}

/**
 * The outage that clients saw when `to` took over from `from`; null when one of the two never acknowledged anything,
 * or `to` nothing after `from`.
 */
export function outage(entries: readonly LedgerEntry[], from: string, to: string): Outage | null {
  const ordered = inTime(entries);
  const lastOfOld = ordered.findLast((entry) => entry.region === from);
  if (lastOfOld === undefined) return null;
  const firstOfNew = ordered.find((entry) => entry.region === to && entry.at >= lastOfOld.at);
  if (firstOfNew === undefined) return null;
  return { ms: firstOfNew.at - lastOfOld.at, lastOfOld, firstOfNew };
}

/** The longest time in milliseconds without an acknowledgement, and when it began; null for fewer than two entries. */
export function longestGap(entries: readonly LedgerEntry[]): { ms: number; startedAt: number } | null {
  const ordered = inTime(entries);
  let longest: { ms: number; startedAt: number } | null = null;
  for (const [index, entry] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before === undefined) continue;
    const ms = entry.at - before.at;
    if (longest === null || ms > longest.ms) longest = { ms, startedAt: before.at };
  }
  return longest;
}

/** Acknowledged and not in the database: the ledger minus the database. */
export function lostWrites(entries: readonly LedgerEntry[], inDatabase: Iterable<number>): LedgerEntry[] {
  const kept = new Set(inDatabase);
  return entries.filter((entry) => !kept.has(entry.id));
}

/** Writes that an old timeline acknowledged after a newer one had: two writers. There must be none. */
export function writesOnOldTimeline(entries: readonly LedgerEntry[]): LedgerEntry[] {
  let newest = 0;
  return inTime(entries).filter((entry) => {
    newest = Math.max(newest, entry.timeline);
    return entry.timeline < newest;
  });
}

function inTime(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.toSorted((one, other) => one.at - other.at);
}
