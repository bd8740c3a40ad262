import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { elbv2 } from './elbv2.ts';

/** The verbs of a load balancer. */
export type LoadBalancerVerbs = Pick<Activities, 'captureTargets' | 'registerTargets' | 'restoreTargets'>;

/** Verbs that bring a region's instances behind its load balancer. */
export function loadBalancerActivities(_deps: Deps): LoadBalancerVerbs {
  const providers = {
    elbv2: elbv2(),
  };
  return byProvider<LoadBalancerVerbs>(providers, ['captureTargets', 'registerTargets', 'restoreTargets']);
}
