import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { postgresStreaming } from './postgres-streaming/index.ts';
import type { DatabaseVerbs } from './provider.ts';

/** The verbs of databases, by the component's provider. */
export function databaseActivities(deps: Deps): DatabaseVerbs {
  return byProvider<DatabaseVerbs>({ 'postgres-streaming': postgresStreaming(deps) }, [
    'fenceDatabase',
    'promoteDatabase',
    'returnDatabase',
    'handOverDatabase',
    'awaitNoLag',
    'rebuildStandby',
  ]);
}
