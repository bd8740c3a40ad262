import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { kubernetes } from './kubernetes.ts';

/** The verbs of workloads. */
export type WorkloadsVerbs = Pick<
  Activities,
  | 'captureWorkloads'
  | 'scaleWorkloads'
  | 'confirmWorkloads'
  | 'repointWorkloads'
  | 'restoreWorkloads'
  | 'standDownWorkloads'
>;

/** Verbs that scale a system's workloads and tell them where their database is. */
export function workloadsActivities(deps: Deps): WorkloadsVerbs {
  const providers = {
    kubernetes: kubernetes(deps),
  };
  return byProvider<WorkloadsVerbs>(providers, [
    'captureWorkloads',
    'scaleWorkloads',
    'confirmWorkloads',
    'repointWorkloads',
    'restoreWorkloads',
    'standDownWorkloads',
  ]);
}
