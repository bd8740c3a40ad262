import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.ts';
import type { PlanRef, RecoveryPlan } from '../plan/recovery-plan.ts';

type Reading = Pick<Activities, 'readPlan'>;

const retry = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/**
 * Local, so that the plan is there before the first decision: nothing asks a run that cannot answer yet, and it costs
 * one event.
 */
const atOnce = proxyLocalActivities<Reading>({
  startToCloseTimeout: '10s',
  retry: { ...retry, maximumAttempts: 5, nonRetryableErrorTypes: ['PlanUnknown'] },
});

/** While a new version of a plan is rolled out, the gateway may hold it before the workers do. */
const patiently = proxyLocalActivities<Reading>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '5m',
  retry,
});

/**
 * Reads the plan that a start names, from the plans that the workers hold.
 *
 * @param continued an earlier run of the same matter goes by this plan: a version that is no longer in force is found too
 * @throws PlanUnknown when no worker holds that version, or it is no longer in force
 */
export async function readPlan(ref: PlanRef, continued: boolean): Promise<RecoveryPlan> {
  return await atOnce.readPlan({ plan: ref, continued });
}

/** Reads as `readPlan` does, and waits up to 5 min for a worker that holds the plan: no alert is lost meanwhile. */
export async function awaitPlan(ref: PlanRef, continued: boolean): Promise<RecoveryPlan> {
  return await patiently.readPlan({ plan: ref, continued });
}
