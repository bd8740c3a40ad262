import { analyticsActivities } from '../activities/analytics/index.ts';
import { approvalActivities } from '../activities/approval/index.ts';
import { cacheActivities } from '../activities/cache/index.ts';
import { cdnActivities } from '../activities/cdn/index.ts';
import type { Activities } from '../activities/contract.ts';
import { databaseActivities } from '../activities/database/index.ts';
import type { Deps } from '../activities/deps.ts';
import { dnsActivities } from '../activities/dns/index.ts';
import { evidenceActivities } from '../activities/evidence/index.ts';
import { incidentActivities } from '../activities/incident/index.ts';
import { loadBalancerActivities } from '../activities/load-balancer/index.ts';
import { notifyActivities } from '../activities/notify/index.ts';
import { observeActivities } from '../activities/observe/index.ts';
import { type HeldPlans, planActivities } from '../activities/plans/index.ts';
import { streamActivities } from '../activities/stream/index.ts';
import { verifyActivities } from '../activities/verify/index.ts';
import { workloadsActivities } from '../activities/workloads/index.ts';
import { heldPlans } from './held-plans.ts';

/**
 * Every verb, ready to be polled for.
 *
 * @param plans the plans that the worker holds @default those of this process's environment
 */
export function createActivities(deps: Deps, plans: HeldPlans = heldPlans(process.env)): Activities {
  return {
    ...planActivities(plans),
    ...observeActivities(deps),
    ...databaseActivities(deps),
    ...analyticsActivities(deps),
    ...streamActivities(deps),
    ...workloadsActivities(deps),
    ...loadBalancerActivities(deps),
    ...dnsActivities(deps),
    ...cacheActivities(deps),
    ...cdnActivities(deps),
    ...verifyActivities(deps),
    ...approvalActivities(deps),
    ...notifyActivities(deps),
    ...evidenceActivities(deps),
    ...incidentActivities(),
  };
}
