import { verifySignature } from '../../../activities/approval/index.ts';
import { combineFacts } from '../../../plan/combine-facts.ts';
import { type Statement, statementText } from '../../../plan/decision.ts';
import type { Facts } from '../../../plan/facts.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { ApprovalRecord } from '../../../plan/report.ts';
import type { Authority } from '../../../plan/schema.ts';
import { decidable } from '../../../workflows/recovery/decisions.ts';
import { Gate } from '../../../workflows/recovery/gates.ts';
import type { DecisionVerdict } from '../../../workflows/recovery/messages.ts';
import type { Recovery } from '../../../workflows/recovery/recovery.ts';
import { decideOn } from '../../../workflows/signed-decisions.ts';
import { depsOf } from '../activities/step.ts';
import { deadRegion, standbyRegion } from '../workflows/fakes.ts';

export const SRE = 'sre@example.com';
export const VP = 'vp@example.com';
export const NOW = Date.parse('2026-11-21T07:00:00.000Z');
export const at = (ms: number) => new Date(NOW + ms).toISOString();

/** What the gate shows. */
export const FACTS: Facts = combineFacts(
  [
    {
      vantage: 'third-place',
      observedAt: at(-10_000),
      regions: [deadRegion, standbyRegion],
      servingRegions: ['us-east-1'],
      lease: null,
    },
  ],
  'us-east-1',
  'eu-central-1',
);

const ACTION = 'region-failover us-east-1 -> eu-central-1';
const ANSWERS = { approve: 'it starts', reject: 'it ends as refused' };
const QUESTION = { name: 'approve' as const, action: ACTION, question: 'Fail over?', answers: ANSWERS };
const RULE: Authority['rules'][number] = { when: 'always', require: ['on-call-sre', 'vp-engineering'] };

/** A gate that wants an SRE and a VP. */
export function gateOf(facts = FACTS): Gate {
  const verdict = { rule: RULE, waived: null, requiredRoles: RULE.require, notify: null, businessHours: true };
  return new Gate(QUESTION, facts, [verdict], 1_800_000);
}

/** What a careful SRE signs while the gate `approve` is open. */
export const STATEMENT: Statement = {
  type: 'lifeboat/decision/v1',
  verb: 'approve',
  workflowId: 'recovery/teei-csr',
  runId: 'run-1',
  planHash: 'a'.repeat(64),
  target: 'approve',
  action: ACTION,
  factsDigest: gateOf().digest,
  identity: SRE,
  reason: 'us-east-1 is dark',
  issuedAt: at(-5_000),
  expiresAt: at(600_000),
  nonce: '0123456789abcdef',
};

export const textOf = (changes: Partial<Statement> = {}) => statementText({ ...STATEMENT, ...changes });

type Approvers = RecoveryPlan['approvers'];

/** What a workflow has of a recovery that waits at its gate, as far as people can decide on it. */
function recoveryAt(gate: Gate | null, approvers: Approvers, notes: string[]): Recovery {
  const authority = {
    timeZone: 'UTC',
    businessHours: { days: ['mon'], from: '09:00', to: '17:00', holidays: [] },
    rules: [RULE],
    abort: ['vp-engineering'],
    escalate: ['vp-engineering'],
    escalateEvery: '5m',
  };
  const plan = { system: 'teei-csr', hash: STATEMENT.planHash, mode: 'live', approvers, authority };
  const recovery = {
    input: { plan, scenario: 'region-failover', from: FACTS.from, to: FACTS.to },
    scenario: { rollback: { executiveAbort: true } },
    ref: { workflowId: STATEMENT.workflowId, runId: STATEMENT.runId, epoch: NOW },
    gates: gate === null ? [] : [gate],
    phases: [],
    approvals: [],
    droppedAttempts: 0,
    usedNonces: new Set(),
    orders: new Map(),
    stop: null,
    stoppable: () => true,
    note: (text: string) => void notes.push(text),
    requestStop(stop: unknown) {
      recovery.stop = stop as never;
    },
  };
  return recovery as unknown as Recovery;
}

/**
 * The product's own way of a decision, but for the workflow around it: `decideOn` with what a recovery has open, its
 * gate and its record, and the activity that asks OpenSSH.
 */
export class Chain {
  readonly gate: Gate | null;
  readonly notes: string[] = [];
  readonly recovery: Recovery;
  readonly #approvers: Approvers;

  constructor(approvers: Approvers, gate: Gate | null = gateOf()) {
    this.gate = gate;
    this.#approvers = approvers;
    this.recovery = recoveryAt(gate, approvers, this.notes);
  }

  async answer(decision: unknown): Promise<DecisionVerdict> {
    const on = decidable(this.recovery);
    const verify = (signed: unknown) => verifySignature(depsOf(), signed, this.#approvers);
    return await decideOn({ ...on, verify }, decision, null);
  }

  /** Why the decision is refused; null when it counts. */
  async decide(decision: unknown): Promise<string | null> {
    const { accepted, detail } = await this.answer(decision);
    return accepted ? null : detail;
  }

  /** Every attempt, as the report will have it. */
  get record(): ApprovalRecord[] {
    return this.recovery.approvals;
  }

  get missing(): string[] {
    return this.gate?.wanted ?? [];
  }
}
