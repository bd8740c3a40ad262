import type { RegionFacts, VantageFacts } from '../../plan/facts.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';

/** The verbs of the contract that a provider of databases implements. */
export type DatabaseVerbs = Pick<
  Activities,
  'fenceDatabase' | 'promoteDatabase' | 'returnDatabase' | 'handOverDatabase' | 'awaitNoLag' | 'rebuildStandby'
>;

/** What can be seen of a region's database from here. */
export type DatabaseFacts = Omit<RegionFacts, 'region' | 'serviceReachable'>;

export interface LeaseFacts {
  lease: VantageFacts['lease'];
  remarks: string[];
}

/** How a provider's databases are looked at. Neither throws: what cannot be told is null, with a remark. */
export interface DatabaseEyes {
  databaseFacts(component: WiredComponent, region: string, deps: Deps): Promise<DatabaseFacts>;
  leaseFacts(component: WiredComponent, region: string): Promise<LeaseFacts>;
}
