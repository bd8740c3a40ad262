import type { Facts } from '../../plan/facts.ts';
import type { FailoverVerdict } from '../../plan/judge-failover.ts';
import { Ended } from './ended.ts';
import type { Question } from './gates.ts';
import { observe } from './observe.ts';
import type { Recovery } from './recovery.ts';

/** Looks at both regions and has the facts judged; ends the recovery as refused when they forbid it. */
export async function assessBy(recovery: Recovery, judge: (facts: Facts) => FailoverVerdict): Promise<string> {
  const verdict = judge(await observe(recovery));
  if (!verdict.proceed) throw new Ended('refused', verdict.reason);
  recovery.finding = verdict.reason;
  return verdict.reason;
}

/** The gate before anything is changed: what is approved is the scenario, from one region to the other. */
export function approvalOf(recovery: Recovery, question: string): Question {
  const { scenario, from, to } = recovery.input;
  return { name: 'approve', action: `${scenario} ${from} -> ${to}`, question };
}
