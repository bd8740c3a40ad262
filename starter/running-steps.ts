import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';
import type { RunningStep } from '../workflows/recovery/messages.ts';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

/**
 * What the steps that run now said last, as Temporal has it from their heartbeats, and why the attempt before failed. A
 * recovery itself knows nothing of a step until it ends.
 */
export async function runningSteps(
  pending: readonly Pending[],
  converter: LoadedDataConverter,
): Promise<RunningStep[]> {
  const steps = await Promise.all(
    pending.map(async ({ activityType, attempt, heartbeatDetails, lastFailure }) => {
      const [said] = await decodeArrayFromPayloads(converter, heartbeatDetails?.payloads).catch(() => []);
      const failed = await decodeOptionalFailureToOptionalError(converter, lastFailure).catch(() => undefined);
      const words = [
        ...(failed === undefined ? [] : [`attempt ${attempt}, after: ${failed.message}`]),
        ...wordsOf(said),
      ];
      return { step: activityType?.name ?? 'unknown step', words: words.join('; ') };
    }),
  );
  return steps.filter(({ words }) => words !== '');
}

/** Steps heartbeat a sentence, or what they go on from with the sentence beside it. */
function wordsOf(said: unknown): string[] {
  const words = typeof said === 'object' && said !== null && 'seen' in said ? said.seen : said;
  return typeof words === 'string' ? [words] : [];
}
