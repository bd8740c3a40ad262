import type { VantageFacts } from './facts.ts';

/** Where a system serves, and where it would be brought up if that region were lost. */
export interface Direction {
  from: string;
  to: string;
}

interface Regions {
  primary: string;
  standby: string;
}

/** As the plan has it, before anything was moved. */
export const byPlan = ({ primary, standby }: Regions): Direction => ({ from: primary, to: standby });

/** Where the system serves after a recovery: what has recovered serves from where it was brought up. */
export function servesAfter({ outcome, from, to }: Direction & { outcome: string }): Direction | null {
  if (outcome === 'failed') return null;
  return outcome === 'recovered' ? { from: to, to: from } : { from, to };
}

/**
 * Where the system serves, whatever was moved since the plan was written: where the one database is that is seen as
 * primary; where none is seen, in the region that the lease names; where neither tells, where it was last known to be.
 */
export function directionOf(vantages: readonly VantageFacts[], regions: Regions, last: Direction): Direction {
  const from = theOne(primariesSeen(vantages)) ?? theOne(leaseHolders(vantages)) ?? last.from;
  if (from === regions.primary) return byPlan(regions);
  return from === regions.standby ? { from: regions.standby, to: regions.primary } : last;
}

function primariesSeen(vantages: readonly VantageFacts[]): string[] {
  return vantages.flatMap(({ regions }) =>
    regions.filter(({ databaseRole }) => databaseRole === 'primary').map(({ region }) => region),
  );
}

/** Whose the lease is, from each vantage point that can read it. */
export function leaseHolders(vantages: readonly VantageFacts[]): string[] {
  return vantages.flatMap(({ lease }) => (lease === null ? [] : [lease.holder]));
}

/** What all say who say anything; null when nobody does, or they differ. */
function theOne(names: string[]): string | null {
  const [first = null, ...others] = new Set(names);
  return others.length === 0 ? first : null;
}
