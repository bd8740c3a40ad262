import { ApplicationFailure } from '@temporalio/common';
import type { SignatureVerdict } from '../activities/contract.ts';
import { boundTexts } from '../plan/bounded.ts';
import { checkDecision, type OpenTarget, type Signer } from '../plan/check-decision.ts';
import { SignedDecision, Statement, type Verb } from '../plan/decision.ts';
import { type ReadStatement, readStatement } from '../plan/read-statement.ts';
import type { RecoveryPlan } from '../plan/recovery-plan.ts';
import type { ApprovalRecord } from '../plan/report.ts';
import { type DecisionVerdict, REFUSED } from './recovery/messages.ts';
import { unverified } from './signature-queue.ts';

/** What may be decided just now, and what a decision on it does. Answers a sentence for the record. */
export interface Target extends OpenTarget {
  take: (statement: Statement, verdict: SignatureVerdict) => string;
}

/** A workflow that people decide on. */
export interface Decidable {
  plan: Pick<RecoveryPlan, 'approvers' | 'hash'>;
  /** What statements are bound to. */
  ref: { workflowId: string; runId: string };
  /** Every attempt, refused ones too, as far as `dropped` is not called. */
  approvals: ApprovalRecord[];
  usedNonces: Set<string>;
  note(text: string): void;
  /** Finds out who signed it. */
  verify(decision: SignedDecision): Promise<SignatureVerdict>;
  /** An attempt that is neither kept nor noted: there were too many of its kind. */
  dropped(): void;
  /** What the statement's verb and target mean just now; null when that is not open for a decision. */
  targetOf(statement: Statement): Target | null;
}

/** Refused attempts of which nobody knows who sent them: so many are kept, and further ones only counted. */
export const UNVERIFIED_KEPT = 100;

/** Bytes of each text that is kept of an attempt: anybody could have written it. Its reason has a limit of its own. */
const CLAIM_BYTES = 512;

/**
 * Decides on a decision: checks it, lets it take effect when it counts, and records it. The pure rules come first, for
 * the signer that the statement claims: what could not count under any signature starts no activity.
 */
export async function decideOn(on: Decidable, decision: unknown, sentAs: Verb | null): Promise<DecisionVerdict> {
  const { statement, refusal } = readEnvelope(decision);
  const hopeless = statement === null ? refusal : whyHopeless(on, statement, sentAs);
  const verdict = hopeless === null ? await on.verify(decision as SignedDecision) : unverified(hopeless);
  const answer = answerTo(on, statement, verdict);
  const claims = statement ?? claimsOf(decision);
  record(on, claims, verdict, { verb: claims?.verb ?? sentAs ?? 'unknown', ...answer });
  return answer;
}

/**
 * Validates an Update: what could not count under any signature is answered, and writes nothing into the history.
 *
 * @throws ApplicationFailure of type REFUSED with the reason
 */
export function rejectHopeless(on: Decidable, decision: unknown): void {
  const { statement, refusal } = readEnvelope(decision);
  const hopeless = statement === null ? refusal : whyHopeless(on, statement, null);
  if (hopeless !== null) throw ApplicationFailure.nonRetryable(hopeless, REFUSED);
}

/** What a text that is no canonical statement says all the same, for the record; null where it cannot be read. */
function claimsOf(decision: unknown): Statement | null {
  try {
    // Whoever sends it: what is recorded of it has a limit.
    const text = SignedDecision.shape.statement.parse((decision as SignedDecision).statement);
    return Statement.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function record(
  on: Decidable,
  statement: Statement | null,
  { identity, roles, keyFingerprint }: SignatureVerdict,
  { verb, accepted, detail }: DecisionVerdict & { verb: string },
): void {
  const anonymous = ({ identity: known, accepted: taken }: Pick<ApprovalRecord, 'identity' | 'accepted'>) =>
    known === null && !taken;
  if (anonymous({ identity, accepted }) && on.approvals.filter(anonymous).length >= UNVERIFIED_KEPT) {
    on.dropped();
    return;
  }
  const { target = 'unknown', factsDigest = null, reason = null } = statement ?? {};
  on.approvals.push({
    at: new Date(Date.now()).toISOString(),
    ...boundTexts({ verb, target, identity, roles, keyFingerprint, accepted, detail, factsDigest }, CLAIM_BYTES),
    reason,
  });
  on.note(`${statement?.verb ?? 'a decision'} ${accepted ? 'accepted' : 'refused'}: ${detail}`);
}

/** The statement, or why there is none, in bounds whoever sends it. */
function readEnvelope(decision: unknown): ReadStatement {
  const envelope = SignedDecision.safeParse(decision);
  if (envelope.success) return readStatement(envelope.data.statement);
  const refusal = 'it is not a signed decision: a statement and a signature are expected';
  return { statement: null, refusal };
}

/** Why the statement could not count, even if the approver whom it names had signed it; null when it could. */
function whyHopeless(on: Decidable, statement: Statement, sentAs: Verb | null): string | null {
  if (sentAs !== null && sentAs !== statement.verb) return `a signed "${statement.verb}" was sent as "${sentAs}"`;
  const claimed = on.plan.approvers.find(({ identity }) => identity === statement.identity);
  if (claimed === undefined) return `${statement.identity} is not one of the plan's approvers`;
  return checkDecision(checked(on, statement, { identity: claimed.identity, roles: claimed.roles, refusal: null }));
}

function answerTo(on: Decidable, statement: Statement | null, verdict: SignatureVerdict): DecisionVerdict {
  if (verdict.refusal !== null || statement === null)
    return { accepted: false, detail: verdict.refusal ?? 'no statement' };
  const toCheck = checked(on, statement, verdict);
  const refusal = checkDecision(toCheck);
  const { target } = toCheck;
  if (refusal !== null || target === null) return { accepted: false, detail: refusal ?? 'it is not open' };
  on.usedNonces.add(statement.nonce);
  return { accepted: true, detail: target.take(statement, verdict) };
}

function checked(on: Decidable, statement: Statement, verdict: Signer) {
  const { usedNonces, plan, ref } = on;
  const bound = { ...ref, planHash: plan.hash, nowMs: Date.now() };
  return { statement, verdict, target: on.targetOf(statement), ...bound, usedNonces };
}

/** What people gave as their reason, to end a sentence with. */
export const because = ({ reason }: Statement): string => (reason ? `: ${reason}` : '');
