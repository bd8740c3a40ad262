import { milliseconds } from '../../../plan/duration.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Step } from '../../contract.ts';
import { fault, refusal } from '../../fault.ts';
import { belongsTo, type Claim } from '../../lease/claim.ts';
import type { Lease } from '../../lease/lease.ts';
import { type LeaseStore, s3LeaseStore } from '../../lease/store.ts';
import { wiringOf } from '../../provider.ts';

/** One call to the store may take this long. */
const TIMEOUT_MS = 2_000;

/** A component's lease. */
export interface LeaseAccess {
  store: LeaseStore;
  ttlMs: number;
  clockSkewMs: number;
}

/** Lends `use` the component's lease; null when the environment wires none. */
export async function withLease<T>(
  component: WiredComponent,
  region: string,
  use: (lease: LeaseAccess | null) => Promise<T>,
): Promise<T> {
  const { lease } = wiringOf<'postgres-streaming'>(component, region).shared;
  if (lease === undefined) return await use(null);
  const store = s3LeaseStore(lease, TIMEOUT_MS);
  try {
    return await use({ store, ttlMs: milliseconds(lease.ttl), clockSkewMs: milliseconds(lease.clockSkew) });
  } finally {
    store.close();
  }
}

/** The step's claim on the lease: for `to`, from `from`. */
export function claimOf({ recovery, from, to }: Step, ttlMs: number): Claim {
  const { workflowId, runId, epoch } = recovery;
  return { from, to, epoch, recovery: `${workflowId}/${runId}`, ttlMs, at: new Date().toISOString() };
}

/**
 * The lease, which must name `to` on behalf of this recovery.
 *
 * @throws LeaseLost when it does not; NotReached, to be tried again, when it cannot be read
 */
export async function requireLease(access: LeaseAccess, step: Step): Promise<Lease> {
  const stored = await access.store.read().catch((cause: unknown) => {
    throw fault('NotReached', cause instanceof Error ? cause.message : String(cause));
  });
  if (stored !== null && belongsTo(stored.lease, claimOf(step, access.ttlMs))) return stored.lease;
  const says = stored === null ? 'there is no lease' : `it names ${stored.lease.holder} by ${stored.lease.recovery}`;
  throw refusal('LeaseLost', `the lease does not name ${step.to} for this recovery any more: ${says}`);
}
