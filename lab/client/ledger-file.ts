import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type IdRange, IdRanges } from './id-ranges.ts';
import { type LedgerEntry, readLedger } from './ledger.ts';

/**
 * What `GET /ledger` answers: enough to ask the database which acknowledged orders it misses.
 */
export interface LedgerSummary {
  /** Table whose `id` column holds the orders. */
  table: 'orders';
  /** How many orders were acknowledged. */
  acknowledged: number;
  /** The highest acknowledged id; null before the first. */
  maxId: number | null;
  /** Every acknowledged id, as inclusive ascending ranges. */
  ranges: IdRange[];
  /** ISO 8601; null before the first. */
  firstAt: string | null;
  lastAt: string | null;
  /** The newest acknowledgement of each region. */
  lastByRegion: Record<string, { id: number; at: string; timeline: number }>;
}

export interface LedgerFile {
  /** In the file, as far as the operating system is concerned, when this returns. */
  append(entry: LedgerEntry): void;
  summary(): LedgerSummary;
  close(): void;
}

/** Opens a ledger and goes on where it ended. A line that a crash cut short is removed. */
export function openLedger(path: string): LedgerFile {
  mkdirSync(dirname(path), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const count = tally();
  for (const entry of readLedger(whole)) count.add(entry);
  const file = openSync(path, 'a');
  return {
    append(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      count.add(entry);
    },
    summary: count.summary,
    close: () => closeSync(file),
  };
}

function tally() {
  const ids = new IdRanges();
  const lastByRegion: LedgerSummary['lastByRegion'] = {};
  let acknowledged = 0;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  return {
    add(entry: LedgerEntry): void {
      ids.add(entry.id);
      acknowledged++;
      firstAt ??= entry.time;
      lastAt = entry.time;
      lastByRegion[entry.region] = { id: entry.id, at: entry.time, timeline: entry.timeline };
    },
    summary(): LedgerSummary {
      const ranges = ids.list();
      return {
        table: 'orders',
        acknowledged,
        maxId: ranges.at(-1)?.[1] ?? null,
        ranges,
        firstAt,
        lastAt,
        lastByRegion,
      };
    },
  };
}
