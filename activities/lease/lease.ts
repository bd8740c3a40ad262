import { z } from 'zod';
import type { NotReplicated as NotReplicatedFacts } from '../../plan/not-replicated.ts';

/**
 * The lease: one object in storage outside the regions, which says which region's database may take writes. Nobody
 * gets it because it has expired. A guard creates it when there is none and renews it while it is the holder's; only a
 * recovery gives it to another region.
 */

const NotReplicated: z.ZodType<NotReplicatedFacts> = z.object({
  logicalSlots: z.array(
    z.object({ name: z.string(), plugin: z.string(), database: z.string(), confirmed: z.string().nullable() }),
  ),
  preparedTransactions: z.array(z.object({ gid: z.string(), owner: z.string() })),
  unloggedTables: z.array(z.string()),
});

/** What the lease said of a holder. */
const Term = z.object({
  /** The region whose database may take writes. */
  holder: z.string(),
  /** When the holder last renewed, by the holder's own clock. */
  renewedAt: z.iso.datetime(),
  /** The same by the clock of the storage, in whole seconds, as it was when this was read; null when it did not tell. */
  storedAt: z.iso.datetime().nullable().default(null),
  /** The holder stops its database when it could not renew for this long. */
  ttlMs: z.number().int().positive(),
  /** Where the holder's WAL ended at that time; null until its database takes writes. */
  walPosition: z.string().nullable(),
  /** The holder's timeline; null until its database takes writes. */
  timeline: z.number().int().nullable(),
  /**
   * The standbys that every commit of the holder waited for, each under a name that one receiver alone had, and how far
   * each had flushed the WAL. Asked of the database. Empty: commits waited for none. Null when it could not be asked.
   */
  synchronousStandbys: z.array(z.object({ name: z.string(), flushed: z.string() })).nullable(),
  /** The holder's settings that a standby needs as high; null is unknown. */
  parameters: z.record(z.string(), z.number()).nullable().default(null),
  /** What of the holder a promotion elsewhere leaves behind; null is unknown. */
  notReplicated: NotReplicated.nullable().default(null),
  /**
   * Where the holder's WAL ended, once it has stopped in order to hand over: the start of the last record, that of the
   * shutdown. Its database is not started again while this is set.
   */
  final: z.object({ walPosition: z.string(), timeline: z.number().int() }).nullable().default(null),
});
export type Term = z.infer<typeof Term>;

export const Lease = Term.extend({
  /** Later recoveries have larger epochs. */
  epoch: z.number().int().nonnegative(),
  /** `<workflowId>/<runId>` of the recovery that gave the lease to the holder; null when a guard created it. */
  recovery: z.string().nullable(),
  /** The holder that the lease was taken from, as it last was. Kept, so that a repeated step knows it still. */
  previous: Term.nullable(),
  /** The recovery that asks the holder to stop in order; null while none does. */
  handOver: z.object({ recovery: z.string(), epoch: z.number().int().nonnegative() }).nullable().default(null),
});
export type Lease = z.infer<typeof Lease>;

/** The part of a lease that describes its holder. */
export const termOf = (lease: Lease): Term => Term.parse(lease);
