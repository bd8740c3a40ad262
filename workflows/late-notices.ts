import { ApplicationFailure, condition, log, workflowInfo } from '@temporalio/workflow';
import type { PlanRef } from '../plan/recovery-plan.ts';
import type { NotificationRecord } from '../plan/report.ts';
import { isStartedByRecovery } from './origin.ts';
import { awaitPlan } from './read-plan.ts';
import { type Courier, goOnTelling, type Undelivered } from './telling.ts';

interface LateNotices {
  plan: PlanRef;
  undelivered: Undelivered[];
}

/**
 * Goes on with the messages that a recovery could not deliver by its end: each until the time at which it is given up.
 *
 * @returns what became of each
 * @throws WiringInvalid when it is not a recovery that starts it: anybody could make up a message
 */
export async function lateNotices({ plan: ref, undelivered }: LateNotices): Promise<NotificationRecord[]> {
  const { parent } = workflowInfo();
  const foreign = undelivered.some(({ notice }) => notice.workflowId !== parent?.workflowId);
  if (parent === undefined || foreign || !(await isStartedByRecovery(ref.system))) {
    throw ApplicationFailure.nonRetryable('only a recovery hands its messages over', 'WiringInvalid');
  }
  const plan = await awaitPlan(ref, true);
  const courier: Courier = {
    ...{ plan, workflowId: parent.workflowId, notifications: [], telling: new Set() },
    note: (text) => log.info(text),
  };
  for (const each of undelivered) goOnTelling(courier, each);
  await condition(() => courier.telling.size === 0);
  return courier.notifications;
}
