import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Question } from '../../plan/actions/acting.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Facts } from '../../plan/facts.ts';
import { Ended } from './ended.ts';
import type { Gate } from './gates.ts';
import { observe } from './observe.ts';
import type { Recovery } from './recovery.ts';

/** Each observation stays in the history, so that there are ten of them while a gate is open, and none more often. */
const SHARE_OF_EXPIRY = 10;
const AT_LEAST_MS = 60_000;

/**
 * Keeps the facts at an open gate fresh, and the question that is asked in view of them.
 *
 * @returns stops it
 */
export function refreshWhileOpen(recovery: Recovery, gate: Gate, askAgain: (facts: Facts) => Question): () => void {
  const first = gate.asked;
  const scope = new CancellationScope();
  const everyMs = Math.max(AT_LEAST_MS, milliseconds(recovery.scenario.gate.expires) / SHARE_OF_EXPIRY);
  const refreshing = scope.run(async () => {
    for (;;) {
      const ageMs = Date.now() - Date.parse(gate.facts.observedAt);
      await sleep(Math.max(0, everyMs - ageMs), { summary: `observe again for the gate "${gate.name}"` });
      const facts = await observe(recovery);
      gate.show(facts, questionNow(first, facts, askAgain));
      recovery.changed();
    }
  });
  refreshing.catch((error) => {
    if (!isCancellation(error)) throw error;
  });
  return () => scope.cancel();
}

/** What the facts forbid now they may allow again by the time that an approver decides, so that the gate stays open. */
function questionNow(first: Question, facts: Facts, askAgain: (facts: Facts) => Question): Question {
  try {
    return askAgain(facts);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return { ...first, question: `Forbidden by the facts as they are now: ${error.message}. ${first.question}` };
  }
}
