import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LedgerEntry, lostWrites, outage, readLedger, writesOnOldTimeline } from '../client/ledger.ts';
import { orderIds } from '../database.ts';
import { eventually } from '../eventually.ts';
import { httpGet } from '../http.ts';
import type { Lab } from '../lab.ts';
import { servingSites } from '../shapes/shape.ts';

/** Enough writes in flight for a loss to show. */
const WRITES_BEFORE = 100;
const WITHIN_MS = 60_000;

/** What the client that was writing all along saw. */
export interface Measured {
  /** Milliseconds from the last write acknowledged by the old region to the first by the new one; null without one. */
  outageMs: number | null;
  /** Milliseconds from the kill, or from the start of a move, to the first write acknowledged by the new region. */
  fromStartMs: number | null;
  acknowledged: number;
  lost: number;
  /** Seconds from the newest write that was kept to the newest that was lost; 0 when none was. */
  lostSpanSeconds: number;
  onOldTimeline: number;
}

/** Waits until the client has written enough to be cut off in the middle, and the monitoring has seen both regions. */
export async function underWay(lab: Lab, signal: AbortSignal): Promise<void> {
  await untilLedger(lab, 'the client to write', signal, (entries) => entries.length >= WRITES_BEFORE);
  const { host, port } = lab.endpoint('third-place/prometheus');
  const query = encodeURIComponent('sum(up{job="application"})');
  await eventually({ what: 'Prometheus to see both regions', withinMs: WITHIN_MS, signal }, async () => {
    const { data } = JSON.parse(await httpGet({ url: `http://${host}:${port}/api/v1/query?query=${query}` }));
    const up = data.result[0]?.value[1];
    if (up !== `${servingSites(lab.shape).length}`) throw new Error(`it sees ${up ?? 'none'}`);
  });
}

/**
 * The client's own account of what began at `since`, in milliseconds since 1970, once it has been served by the new
 * region for a while.
 */
export async function measure(
  lab: Lab,
  since: number,
  { from, to, signal }: { from: string; to: string; signal: AbortSignal },
): Promise<Measured> {
  await servedBy(lab, to, since, signal);
  // The database is asked after the ledger was read: what is acknowledged later cannot count as lost.
  const entries = await ledgerOf(lab);
  const lost = lostWrites(entries, await orderIds(lab, to));
  const seen = outage(entries, from, to);
  return {
    outageMs: seen?.ms ?? null,
    fromStartMs: seen ? seen.firstOfNew.at - since : null,
    acknowledged: entries.length,
    lost: lost.length,
    lostSpanSeconds: lostSpan(entries, lost, from),
    // A rollback before has gone back to an older timeline, and rightly so.
    onOldTimeline: writesOnOldTimeline(entries.filter(({ at }) => at >= since)).length,
  };
}

/** Waits until a region has served the client for a while since then; answers how many writes it has acknowledged. */
export async function servedBy(lab: Lab, region: string, since: number, signal: AbortSignal): Promise<number> {
  const own = (entries: LedgerEntry[]) =>
    entries.filter((entry) => entry.region === region && entry.at >= since).length;
  await untilLedger(lab, `the client to be served by ${region}`, signal, (entries) => own(entries) >= WRITES_BEFORE);
  return own(await ledgerOf(lab));
}

/** Ends the load: the lab may be kept running, the writing not. */
export async function stopClient(lab: Lab): Promise<void> {
  lab.signal('third-place/client', 'SIGTERM');
}

function lostSpan(entries: LedgerEntry[], lost: LedgerEntry[], from: string): number {
  if (lost.length === 0) return 0;
  const gone = new Set(lost.map(({ id }) => id));
  const kept = entries.filter(({ id, region }) => region === from && !gone.has(id));
  const newest = (some: LedgerEntry[]) => Math.max(0, ...some.map(({ at }) => at));
  return (newest(lost) - newest(kept)) / 1000;
}

async function untilLedger(
  lab: Lab,
  what: string,
  signal: AbortSignal,
  fits: (entries: LedgerEntry[]) => boolean,
): Promise<void> {
  await eventually({ what, withinMs: WITHIN_MS, signal }, async () => {
    const entries = await ledgerOf(lab);
    if (!fits(entries)) throw new Error(`${entries.length} writes so far`);
  });
}

/** What the client has written down so far. */
export async function ledgerOf(lab: Lab): Promise<LedgerEntry[]> {
  const file = join(lab.folder, 'third-place', 'client', 'ledger.jsonl');
  return readLedger(await readFile(file, 'utf8').catch(() => ''));
}
