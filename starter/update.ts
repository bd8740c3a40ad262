import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type DecisionVerdict, REFUSED } from '../workflows/recovery/messages.ts';

/**
 * Runs an Update that carries a decision.
 *
 * @returns the verdict, also where the workflow rejected it by its rules alone
 */
export async function verdictOf(update: () => Promise<DecisionVerdict>): Promise<DecisionVerdict> {
  try {
    return await update();
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== REFUSED) throw error;
    return { accepted: false, detail: cause.message };
  }
}
