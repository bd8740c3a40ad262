import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { redis } from './redis.ts';

/** The verbs of caches. */
export type CacheVerbs = Pick<Activities, 'rebuildCache'>;

/** Verbs that fill a cache anew from the database. */
export function cacheActivities(deps: Deps): CacheVerbs {
  const providers = {
    redis: redis(deps),
  };
  return byProvider<CacheVerbs>(providers, ['rebuildCache']);
}
