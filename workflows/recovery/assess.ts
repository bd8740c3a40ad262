import type { Question } from '../../plan/actions/acting.ts';
import type { FailoverVerdict } from '../../plan/judge-failover.ts';
import { SCENARIO_KINDS } from '../../plan/scenario-kinds.ts';
import { getApproval } from './approval.ts';
import { Ended } from './ended.ts';
import { observe } from './observe.ts';
import type { Recovery } from './recovery.ts';

/**
 * Looks at both sites and has the facts judged; ends the recovery as refused when they forbid it. Where somebody has
 * ordered it whatever is seen, what speaks against it is put to the people at the gate.
 */
export async function assess(recovery: Recovery): Promise<string> {
  const verdict = kindOf(recovery).judge(await observe(recovery), recovery.scenario);
  if (!verdict.proceed && recovery.input.ordered === undefined) throw new Ended('refused', verdict.reason);
  recovery.finding = mustNotBeForbidden(recovery, verdict);
  return recovery.finding;
}

/** Asks for approval. Facts that have changed meanwhile are judged again: some forbid what was asked. */
export async function approve(recovery: Recovery): Promise<string> {
  return await getApproval(recovery, approvalOf(recovery), (facts) => {
    recovery.finding = mustNotBeForbidden(recovery, kindOf(recovery).judge(facts, recovery.scenario));
    return approvalOf(recovery);
  });
}

const kindOf = ({ input: { scenario } }: Recovery) => SCENARIO_KINDS[scenario];

/** The finding, in the words that the gate shows. Throws `Ended` where no order helps. */
function mustNotBeForbidden(
  { input: { ordered } }: Recovery,
  { proceed, mayBeOrdered, reason }: FailoverVerdict,
): string {
  if (!proceed && !mayBeOrdered) throw new Ended('refused', reason);
  return proceed || ordered === undefined ? reason : `${reason}; ordered all the same by ${ordered}`;
}

/** The gate before anything is changed: what is approved is the scenario, from one site to the other. */
function approvalOf(recovery: Recovery): Question {
  const { scenario, from, to } = recovery.input;
  const { question, planned } = kindOf(recovery);
  return {
    name: 'approve',
    action: `${scenario} ${from} -> ${to}`,
    question: question(recovery.input, recovery.finding),
    answers: {
      approve: `${scenario} starts: ${to} takes over from ${from}`,
      reject: 'the recovery ends as refused, with nothing changed',
    },
    ...(planned && { dataLoss: `none of what ${from} serves: ${to} replays all of it first` }),
  };
}
