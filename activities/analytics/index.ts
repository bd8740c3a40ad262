import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { clickhouse } from './clickhouse.ts';

/** The verbs of analytics. */
export type AnalyticsVerbs = Pick<
  Activities,
  'captureAnalytics' | 'promoteAnalytics' | 'restoreAnalytics' | 'rejoinAnalytics'
>;

/** Verbs that make a system's analytical store stand by itself in the region that takes over. */
export function analyticsActivities(deps: Deps): AnalyticsVerbs {
  const providers = {
    clickhouse: clickhouse(deps),
  };
  return byProvider<AnalyticsVerbs>(providers, [
    'captureAnalytics',
    'promoteAnalytics',
    'restoreAnalytics',
    'rejoinAnalytics',
  ]);
}
