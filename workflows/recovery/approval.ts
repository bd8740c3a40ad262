import type { Question } from '../../plan/actions/acting.ts';
import { factsDigest } from '../../plan/combine-facts.ts';
import { whyApprovalIsNeeded } from '../../plan/decide/unattended.ts';
import type { Facts } from '../../plan/facts.ts';
import { authorityNow, tellWhoMustKnow } from './authority.ts';
import { passGate } from './gates.ts';
import { iso, type Recovery } from './recovery.ts';

/**
 * The gate before anything is changed: goes on without people where the plan lets it, and asks them otherwise. The
 * other gates are about risks that no rule can take.
 *
 * @param askAgain what to ask once the facts have changed: see `passGate`
 */
export async function getApproval(
  recovery: Recovery,
  question: Question,
  askAgain: (facts: Facts) => Question,
): Promise<string> {
  const granted = drillNeedsNone(recovery) ?? ruleNeedsNone(recovery);
  return granted === null ? await passGate(recovery, question, { askAgain }) : passWithout(recovery, question, granted);
}

function drillNeedsNone(recovery: Recovery): string | null {
  return authorityNow(recovery).waived === null
    ? null
    : 'started without approval, which the plan asks of no such drill';
}

/** Where a decision rule of the plan may start it and the facts leave nothing to weigh. */
function ruleNeedsNone(recovery: Recovery): string | null {
  const { plan, scenario, approval, rule } = recovery.input;
  if (approval !== 'not-required' || recovery.facts === null) return null;
  const why = whyApprovalIsNeeded(plan, { scenario, rule }, recovery.facts);
  if (why === null) return `started without approval, by rule "${rule}" of the plan`;
  recovery.note(`approval is needed all the same: ${why}`);
  return null;
}

function passWithout(recovery: Recovery, question: Question, detail: string): string {
  recovery.approvals.push({
    at: iso(Date.now()),
    verb: 'approve',
    target: question.name,
    identity: null,
    roles: [],
    keyFingerprint: null,
    accepted: true,
    detail,
    factsDigest: recovery.facts === null ? null : factsDigest(recovery.facts),
    reason: recovery.finding,
  });
  recovery.say(`${question.action}: ${detail}`);
  const verdict = authorityNow(recovery);
  const { notify } = verdict.waived ?? verdict;
  tellWhoMustKnow(recovery, [{ ...verdict, notify: notify ?? null }], {
    what: `${question.action} ${detail}`,
    text: question.question,
  });
  return detail;
}
