import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { compare } from './ledger.ts';
import { watch } from './watch.ts';

/** Verbs that ask, as clients would, whether the system is back, and what it lost. */
export function verifyActivities(deps: Deps): Pick<Activities, 'watchRecovery' | 'compareLedger'> {
  return {
    watchRecovery: (request) => watch(deps, request),
    compareLedger: (request) => compare(deps, request),
  };
}
