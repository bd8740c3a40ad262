import { setTimeout as sleep } from 'node:timers/promises';
import { refusal } from '../fault.ts';
import { type Claim, claim } from './claim.ts';
import type { Lease } from './lease.ts';
import type { LeaseStore, Stored } from './store.ts';

/** The holder renews a few times per ttl: losing against it this often in a row is not by chance. */
const ATTEMPTS = 20;

export interface Taken extends Pick<Stored, 'apartMs'> {
  lease: Lease;
  /** False when this recovery had it already. */
  changed: boolean;
}

/**
 * Makes the lease name `wanted.to`, by compare-and-set, unless the rules of `claim` refuse.
 *
 * @throws LeaseLost, AlreadyServing, FactsUnknown as `claim` says; a plain error when the store cannot tell
 */
export async function takeLease(store: LeaseStore, wanted: Claim): Promise<Taken> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await store.read();
    const verdict = claim(stored?.lease ?? null, wanted);
    if (verdict.kind === 'refused') throw refusal(verdict.type, verdict.reason);
    const apartMs = stored?.apartMs ?? null;
    if (verdict.kind === 'ours') return { lease: verdict.lease, apartMs, changed: false };
    const etag = await store.write(verdict.next, stored?.etag ?? null);
    if (etag !== null) return { lease: verdict.next, apartMs, changed: true };
    await sleep(10 * attempt);
  }
  throw new Error(`the lease changed ${ATTEMPTS} times while it was taken`);
}
