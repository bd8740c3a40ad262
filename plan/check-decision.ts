import type { Statement } from './decision.ts';

/** Something that can be decided right now: a gate, a paused phase, or `recovery` as a whole. */
export interface OpenTarget {
  name: string;
  /** What is decided, in the words that were shown. */
  action: string;
  /** Digest of the facts that are shown; null where none are. */
  factsDigest: string | null;
  /** Digests of facts that were shown here before. */
  shownBefore?: readonly string[];
  /** Any one of these roles may use the statement's verb here. */
  roles: readonly string[];
  /** Why nobody may use the verb here, or may any more; absent where some may. */
  closed?: string;
}

/** Who signed, as `verifySignatures` found out. */
export interface Signer {
  identity: string | null;
  roles: readonly string[];
  refusal: string | null;
}

/** A decision, and what it must fit as the recovery knows it. */
export interface DecisionToCheck {
  statement: Statement;
  verdict: Signer;
  /** What the statement's verb and target mean just now; null when that is not open for a decision. */
  target: OpenTarget | null;
  workflowId: string;
  runId: string;
  planHash: string;
  /** Milliseconds since 1970. */
  nowMs: number;
  usedNonces: ReadonlySet<string>;
}

/** How far ahead of the worker's clock the approver's may be. */
const CLOCK_SKEW_MS = 60_000;
/** A decision that stays valid for longer could be kept and used in another situation. */
export const MAX_VALIDITY_MS = 3_600_000;

type Rule = (decision: DecisionToCheck) => string | null;

const signed: Rule = ({ verdict }) => verdict.refusal;

const identity: Rule = ({ statement, verdict }) =>
  verdict.identity === statement.identity
    ? null
    : `the statement is by ${statement.identity} and the signature by ${verdict.identity ?? 'nobody known'}`;

const run: Rule = ({ statement, workflowId, runId }) =>
  statement.workflowId === workflowId && statement.runId === runId ? null : 'it was signed for another run';

const plan: Rule = ({ statement, planHash }) =>
  statement.planHash === planHash ? null : 'it was signed for another plan';

const issued: Rule = ({ statement: { issuedAt }, nowMs }) =>
  Date.parse(issuedAt) <= nowMs + CLOCK_SKEW_MS ? null : `it is dated ${issuedAt}, which is in the future`;

const expiry: Rule = ({ statement: { expiresAt }, nowMs }) =>
  nowMs < Date.parse(expiresAt) ? null : `it expired at ${expiresAt}`;

const validity: Rule = ({ statement: { issuedAt, expiresAt } }) =>
  Date.parse(expiresAt) - Date.parse(issuedAt) <= MAX_VALIDITY_MS
    ? null
    : `it expires at ${expiresAt}, more than an hour after it was issued`;

const replay: Rule = ({ statement, usedNonces }) => (usedNonces.has(statement.nonce) ? 'it was used before' : null);

const open: Rule = ({ statement: { target: name, verb }, target }) =>
  target?.name === name ? null : `there is no "${name}" that waits for "${verb}"`;

const action: Rule = ({ statement, target }) =>
  target?.action === statement.action
    ? null
    : `it is for "${statement.action}", and the decision is on "${target?.action}"`;

const facts: Rule = ({ statement: { factsDigest }, target }) => {
  const shown = [target?.factsDigest, ...(target?.shownBefore ?? [])];
  return shown.includes(factsDigest)
    ? null
    : 'the facts have changed since it was signed, and the question is asked again: read them and decide again';
};

const allowed: Rule = ({ target }) => target?.closed ?? null;

const role: Rule = ({ statement, verdict, target }) => {
  const may = target?.roles ?? [];
  if (verdict.roles.some((held) => may.includes(held))) return null;
  return `${listed(verdict.roles)} may not ${statement.verb}; ${listed(may)} may`;
};

const listed = (roles: readonly string[]) => roles.join(', ') || 'nobody';

const RULES = [signed, identity, run, plan, issued, expiry, validity, replay, open, action, facts, allowed, role];

/**
 * Whether a decision counts, now, in this run.
 *
 * @returns why it is refused, in words for the person who signed it; null when it counts
 */
export function checkDecision(decision: DecisionToCheck): string | null {
  for (const rule of RULES) {
    const reason = rule(decision);
    if (reason !== null) return reason;
  }
  return null;
}
