import type { Facts } from '../../plan/facts.ts';
import type { FailoverVerdict } from '../../plan/judge-failover.ts';
import { getApproval } from './approval.ts';
import { Ended } from './ended.ts';
import type { Question } from './gates.ts';
import { observe } from './observe.ts';
import type { Recovery } from './recovery.ts';

type Judge = (facts: Facts) => FailoverVerdict;

/**
 * Looks at both regions and has the facts judged; ends the recovery as refused when they forbid it. Where somebody has
 * ordered it whatever is seen, what speaks against it is put to the people at the gate.
 */
export async function assessBy(recovery: Recovery, judge: Judge): Promise<string> {
  const verdict = judge(await observe(recovery));
  if (!verdict.proceed && recovery.input.ordered === undefined) throw new Ended('refused', verdict.reason);
  recovery.finding = mustNotBeForbidden(recovery, verdict);
  return recovery.finding;
}

/** The finding, in the words that the gate shows. Throws `Ended` where no order helps. */
function mustNotBeForbidden(
  { input: { ordered } }: Recovery,
  { proceed, mayBeOrdered, reason }: FailoverVerdict,
): string {
  if (!proceed && !mayBeOrdered) throw new Ended('refused', reason);
  return proceed || ordered === undefined ? reason : `${reason}; ordered all the same by ${ordered}`;
}

/** The gate before anything is changed: what is approved is the scenario, from one region to the other. */
export function approvalOf(recovery: Recovery, question: string): Question {
  const { scenario, from, to } = recovery.input;
  return {
    name: 'approve',
    action: `${scenario} ${from} -> ${to}`,
    question,
    answers: {
      approve: `${scenario} starts: ${to} takes over from ${from}`,
      reject: 'the recovery ends as refused, with nothing changed',
    },
    ...(scenario !== 'region-failover' && { dataLoss: `none of what ${from} serves: ${to} replays all of it first` }),
  };
}

/** Asks for approval. Facts that have changed meanwhile are judged again: some forbid what was asked. */
export async function askApproval(recovery: Recovery, judge: Judge, question: () => string): Promise<string> {
  return await getApproval(recovery, approvalOf(recovery, question()), (facts) => {
    recovery.finding = mustNotBeForbidden(recovery, judge(facts));
    return approvalOf(recovery, question());
  });
}
