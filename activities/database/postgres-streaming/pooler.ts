import { refusal } from '../../fault.ts';

/** A pooler chooses the server that it asks: of the one that is wired, nothing can be known through it, and nothing done. */
export const POOLED =
  'a connection pooler such as PgBouncer answers there. Wire host and port of the PostgreSQL itself';

/** `protocol_violation`: PostgreSQL never answers it to our sessions, PgBouncer does for all that it does not accept. */
const PROTOCOL_VIOLATION = '08P01';

/** Rethrows what a session failed with as it began: as a refusal, where it comes from a pooler and not from PostgreSQL. */
export function refusePooler(error: Error & { code?: string }): never {
  if (error.code === PROTOCOL_VIOLATION || /unsupported startup parameter|pgbouncer/i.test(error.message)) {
    throw refusal('WiringInvalid', `${error.message}; ${POOLED}`);
  }
  throw error;
}
