import { ApplicationFailure } from '@temporalio/workflow';
import type { FenceResult } from '../../activities/contract.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { passGate, type Question } from './gates.ts';
import { change, stepOptions } from './proxies.ts';
import type { Recovery } from './recovery.ts';

/**
 * Never two writers: without proof that the old primary is fenced, people decide whether to take the risk. What they
 * accept is what they were told: after an approval it is looked again, and asked again when that has changed.
 *
 * @throws NotReached, which pauses the phase, while nothing can be promoted whatever people accept
 */
export async function fenceDatabase(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<FenceResult> {
  const { from } = recovery.input;
  const options = stepOptions(`fence ${database.name} in ${from}`, phase.budget);
  const fence = () => change.fenceDatabase.executeWithOptions(options, [recovery.step(database)]);
  let known = await fence();
  if (!known.proved) {
    const obstacle = async () => {
      const accepted = known.evidence;
      known = await fence();
      if (!known.proved && known.obstacle !== null) throw nothingToPromote(database, known.obstacle);
      return known.proved || known.evidence === accepted ? null : `not what was accepted: ${known.evidence}`;
    };
    const ask = () => riskOf(recovery, database, known);
    await passGate(recovery, ask(), { askAgain: ask, obstacle });
  }
  if (!known.proved) recovery.risked.add(database.name);
  recovery.oldPrimaries.set(database.name, known.proved ? 'fenced' : 'unproved');
  return known;
}

function riskOf({ input: { from, to } }: Recovery, { name }: WiredComponent, fence: FenceResult): Question {
  const asked =
    fence.obstacle === null
      ? 'Promote anyway and accept the risk of split brain?'
      : 'Promotion is blocked: the lease store does not answer. Approving retries once and promotes only if the lease can then be acquired.';
  return {
    name: 'split-brain',
    action: `accept the risk of split brain: promote ${name} in ${to}`,
    answers: {
      approve:
        fence.obstacle === null
          ? `${name} is promoted in ${to}; while ${from} still takes writes, there are two primaries`
          : `the fence is tried once more; ${name} is promoted only if the lease is acquired`,
      reject: 'the recovery ends as refused, and what was changed is put back',
    },
    question: `Fencing of ${from} is NOT confirmed: ${fence.evidence}. ${asked}`,
  };
}

/** What is in the way is mended outside; the next attempt looks again. */
function nothingToPromote({ name }: WiredComponent, obstacle: string): ApplicationFailure {
  const what = `${name} is not promoted, although the risk was accepted: ${obstacle}. Mend that, then retry`;
  return ApplicationFailure.nonRetryable(what, 'NotReached');
}
