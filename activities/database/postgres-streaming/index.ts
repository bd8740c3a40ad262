import type { Deps } from '../../deps.ts';
import type { DatabaseVerbs } from '../provider.ts';
import { fence } from './fence.ts';
import { giveBack } from './give-back.ts';
import { handOver } from './hand-over.ts';
import { awaitNoLag } from './no-lag.ts';
import { promote } from './promote.ts';
import { rebuildStandby } from './rebuild-standby.ts';

/** PostgreSQL with streaming replication, one server per region, each under a guard. */
export function postgresStreaming(deps: Deps): DatabaseVerbs {
  return {
    fenceDatabase: (step) => fence(step, deps),
    promoteDatabase: (step) => promote(step, deps),
    returnDatabase: (step) => giveBack(step, deps),
    handOverDatabase: (step) => handOver(step, deps),
    awaitNoLag: (step) => awaitNoLag(step, deps),
    rebuildStandby: (step) => rebuildStandby(step, deps),
  };
}
