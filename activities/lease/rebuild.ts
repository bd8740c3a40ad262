import { z } from 'zod';
import type { Lease } from './lease.ts';

/**
 * A recovery's request that a region's guard make its database a standby of the primary again, and what came of it: one
 * object beside the lease for each region, changed by compare-and-set. It names no address: whom a guard may copy from
 * is in its own configuration.
 */
export const Rebuild = z.object({
  /** The region to follow; the lease must name it. */
  primary: z.string(),
  /** `<workflowId>/<runId>` and epoch of the recovery that asks. */
  recovery: z.string(),
  epoch: z.number().int().nonnegative(),
  /** `least`: do no more than is needed. `copy`: take everything anew. */
  way: z.enum(['least', 'copy']),
  state: z.enum(['asked', 'working', 'done', 'failed']),
  /** One sentence, for people. */
  detail: z.string(),
  at: z.iso.datetime(),
});
export type Rebuild = z.infer<typeof Rebuild>;

/** Why a guard must not rebuild its database just now; null when it is to. Whatever is not known counts against it. */
export function whyNotRebuild(region: string, lease: Lease, rebuild: Rebuild | null): string | null {
  if (rebuild === null || rebuild.state === 'done' || rebuild.state === 'failed') return 'nobody asks for it';
  if (lease.holder === region) return `the lease names ${region} itself`;
  if (lease.holder !== rebuild.primary) return `the lease names ${lease.holder}, and not ${rebuild.primary}`;
  if (rebuild.epoch < lease.epoch) return `${rebuild.recovery} is older than the recovery that last moved the lease`;
  return null;
}
