import type { SignatureVerdict } from '../activities/contract.ts';
import { checkDecision, type OpenTarget } from '../plan/check-decision.ts';
import { SignedDecision, Statement, type Verb } from '../plan/decision.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import type { ApprovalRecord } from '../plan/report.ts';
import type { DecisionVerdict } from './recovery/messages.ts';
import { look, stepOptions } from './recovery/proxies.ts';

/** What may be decided just now, and what a decision on it does. Answers a sentence for the record. */
export interface Target extends OpenTarget {
  take: (statement: Statement, verdict: SignatureVerdict) => string;
}

/** A workflow that people decide on. */
export interface Decidable {
  plan: Pick<RecoveryPlan, 'approvers' | 'hash'>;
  /** What statements are bound to. */
  ref: { workflowId: string; runId: string };
  /** Every attempt, refused ones too. */
  approvals: ApprovalRecord[];
  usedNonces: Set<string>;
  note(text: string): void;
  /** What the statement's verb and target mean just now; null when that is not open for a decision. */
  targetOf(statement: Statement): Target | null;
}

type Verify = (on: Pick<Decidable, 'plan'>, decision: unknown) => Promise<SignatureVerdict>;

/**
 * Decides on a decision: checks it, lets it take effect when it counts, and records it in any case.
 *
 * @param verify finds out who signed it
 */
export async function decideOn(
  on: Decidable,
  decision: unknown,
  sentAs: Verb | null,
  verify: Verify = byActivity,
): Promise<DecisionVerdict> {
  const statement = readStatement(decision);
  const verdict = await verify(on, decision);
  const answer = answerTo(on, statement, verdict, sentAs);
  on.approvals.push({
    at: new Date(Date.now()).toISOString(),
    verb: statement?.verb ?? sentAs ?? 'unknown',
    target: statement?.target ?? 'unknown',
    identity: verdict.identity,
    roles: verdict.roles,
    keyFingerprint: verdict.keyFingerprint,
    ...answer,
    factsDigest: statement?.factsDigest ?? null,
    reason: statement?.reason ?? null,
  });
  on.note(`${statement?.verb ?? 'a decision'} ${answer.accepted ? 'accepted' : 'refused'}: ${answer.detail}`);
  return answer;
}

/** Null when it is no statement at all; the signature check says so in words. */
function readStatement(decision: unknown): Statement | null {
  try {
    // Whoever sends it: what is recorded of it has a limit.
    const text = SignedDecision.shape.statement.parse((decision as SignedDecision).statement);
    return Statement.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function byActivity(
  { plan: { approvers } }: Pick<Decidable, 'plan'>,
  decision: unknown,
): Promise<SignatureVerdict> {
  const request = { decision: decision as SignedDecision, plan: { approvers } };
  return await look.verifySignature.executeWithOptions(stepOptions('check a signature', null), [request]).catch(() => ({
    identity: null,
    roles: [],
    keyFingerprint: null,
    refusal: 'the signature could not be checked: no worker did it in time; send it again',
  }));
}

function answerTo(
  on: Decidable,
  statement: Statement | null,
  verdict: SignatureVerdict,
  sentAs: Verb | null,
): DecisionVerdict {
  if (verdict.refusal !== null) return { accepted: false, detail: verdict.refusal };
  if (statement === null) return { accepted: false, detail: 'the envelope holds no statement of a decision' };
  if (sentAs !== null && sentAs !== statement.verb) {
    return { accepted: false, detail: `a signed "${statement.verb}" was sent as "${sentAs}"` };
  }
  const target = on.targetOf(statement);
  const { usedNonces, plan, ref } = on;
  const bound = { ...ref, planHash: plan.hash, nowMs: Date.now() };
  const refusal = checkDecision({ statement, verdict, target, ...bound, usedNonces });
  if (refusal !== null || target === null) return { accepted: false, detail: refusal ?? 'it is not open' };
  usedNonces.add(statement.nonce);
  return { accepted: true, detail: target.take(statement, verdict) };
}

/** What people gave as their reason, to end a sentence with. */
export const because = ({ reason }: Statement): string => (reason ? `: ${reason}` : '');
