import { approvalActivities } from '../../activities/approval/index.ts';
import { checkDecision, type DecisionToCheck, type OpenTarget } from '../../plan/check-decision.ts';
import { missingRoles, type Voice } from '../../plan/coverage.ts';
import { type SignedDecision, type Statement, statementText } from '../../plan/decision.ts';
import { readStatement } from '../../plan/read-statement.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { depsOf } from '../activities/step.ts';

export const SRE = 'sre@example.com';
export const VP = 'vp@example.com';
export const NOW = Date.parse('2026-11-21T07:00:00.000Z');
export const at = (ms: number) => new Date(NOW + ms).toISOString();

/** What a careful SRE signs while the gate `approve` is open. */
export const STATEMENT: Statement = {
  type: 'lifeboat/decision/v1',
  verb: 'approve',
  workflowId: 'recovery/teei-csr',
  runId: 'run-1',
  planHash: 'a'.repeat(64),
  target: 'approve',
  action: 'region-failover us-east-1 -> eu-central-1',
  factsDigest: 'f'.repeat(64),
  identity: SRE,
  reason: 'us-east-1 is dark',
  issuedAt: at(-5_000),
  expiresAt: at(600_000),
  nonce: '0123456789abcdef',
};

export const textOf = (changes: Partial<Statement> = {}) => statementText({ ...STATEMENT, ...changes });

/** The recovery as it stands: what a decision must fit. */
export type Standing = Omit<DecisionToCheck, 'statement' | 'verdict' | 'usedNonces'>;

const TARGET: OpenTarget = {
  name: 'approve',
  action: STATEMENT.action,
  factsDigest: STATEMENT.factsDigest,
  roles: ['on-call-sre', 'vp-engineering'],
};

export const STANDING: Standing = {
  target: TARGET,
  workflowId: STATEMENT.workflowId,
  runId: STATEMENT.runId,
  planHash: STATEMENT.planHash,
  nowMs: NOW,
};

/** A gate that wants an SRE and a VP, with the real checks in front of it and a record of every attempt. */
export class Chain {
  readonly #approvers: RecoveryPlan['approvers'];
  readonly #standing: Standing;
  readonly #usedNonces = new Set<string>();
  readonly #voices: Voice[] = [];
  readonly attempts: { accepted: boolean; reason: string | null }[] = [];

  constructor(approvers: RecoveryPlan['approvers'], standing: Standing = STANDING) {
    this.#approvers = approvers;
    this.#standing = standing;
  }

  /** Why the decision is refused; null when it counts. */
  async decide(decision: unknown): Promise<string | null> {
    const reason = await this.#judge(decision as SignedDecision);
    this.attempts.push({ accepted: reason === null, reason });
    return reason;
  }

  get missing(): string[] {
    return missingRoles(['on-call-sre', 'vp-engineering'], this.#voices);
  }

  async #judge(decision: SignedDecision): Promise<string | null> {
    const { verifySignature } = approvalActivities(depsOf());
    const verdict = await verifySignature({ decision, plan: { approvers: this.#approvers } });
    if (verdict.refusal !== null) return verdict.refusal;
    const { statement } = readStatement(decision.statement);
    if (statement === null) return 'a statement that cannot be read was taken for signed';
    const refusal = checkDecision({ ...this.#standing, statement, verdict, usedNonces: this.#usedNonces });
    if (refusal !== null) return refusal;
    this.#usedNonces.add(statement.nonce);
    this.#voices.push({ identity: verdict.identity ?? 'nobody', roles: verdict.roles });
    return null;
  }
}
