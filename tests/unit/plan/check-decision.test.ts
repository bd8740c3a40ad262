import { checkDecision, type DecisionToCheck } from '../../../plan/check-decision.ts';
import type { Statement } from '../../../plan/decision.ts';

const NOW = Date.parse('2026-11-21T07:00:00Z');
const iso = (ms: number) => new Date(NOW + ms).toISOString();

const STATEMENT: Statement = {
  type: 'lifeboat/decision/v1',
  verb: 'approve',
  workflowId: 'recovery/teei-csr',
  runId: 'run-1',
  planHash: 'a'.repeat(64),
  target: 'approve',
  action: 'region-failover us-east-1 -> eu-central-1',
  factsDigest: 'f'.repeat(64),
  identity: 'sre@example.com',
  reason: null,
  issuedAt: iso(-5_000),
  expiresAt: iso(600_000),
  nonce: '0123456789abcdef',
};

const GOOD: DecisionToCheck = {
  statement: STATEMENT,
  verdict: { identity: 'sre@example.com', roles: ['on-call-sre'], refusal: null },
  target: {
    name: 'approve',
    action: STATEMENT.action,
    factsDigest: STATEMENT.factsDigest,
    roles: ['on-call-sre', 'vp-engineering'],
  },
  workflowId: STATEMENT.workflowId,
  runId: STATEMENT.runId,
  planHash: STATEMENT.planHash,
  nowMs: NOW,
  usedNonces: new Set(['another nonce, used']),
};

/** The good decision with parts of its statement changed. */
const stated = (changes: Partial<Statement>): DecisionToCheck => ({ ...GOOD, statement: { ...STATEMENT, ...changes } });
const target = (changes: object): DecisionToCheck => ({
  ...GOOD,
  target: { ...(GOOD.target as NonNullable<DecisionToCheck['target']>), ...changes },
});

test('a decision that fits counts', () => {
  expect(checkDecision(GOOD)).toBeNull();
});

test.each<[string, DecisionToCheck, string]>([
  [
    'a signature that was refused',
    { ...GOOD, verdict: { identity: null, roles: [], refusal: "the key is not one of the plan's approvers'" } },
    "the key is not one of the plan's approvers'",
  ],
  [
    'what the plan lets nobody do',
    target({ closed: 'the plan lets nobody abort it' }),
    'the plan lets nobody abort it',
  ],
  [
    'an identity that did not sign',
    stated({ identity: 'vp@example.com' }),
    'the statement is by vp@example.com and the signature by sre@example.com',
  ],
  ['another run', stated({ runId: 'run-0' }), 'it was signed for another run'],
  ['another workflow', stated({ workflowId: 'recovery/other' }), 'it was signed for another run'],
  ['another plan', stated({ planHash: 'b'.repeat(64) }), 'it was signed for another plan'],
  ['a date to come', stated({ issuedAt: iso(60_001) }), `it is dated ${iso(60_001)}, which is in the future`],
  ['a time gone by', stated({ expiresAt: iso(0) }), `it expired at ${iso(0)}`],
  [
    'too long a life',
    stated({ issuedAt: iso(0), expiresAt: iso(3_600_001) }),
    `it expires at ${iso(3_600_001)}, more than an hour after it was issued`,
  ],
  ['a nonce that was used', { ...GOOD, usedNonces: new Set([STATEMENT.nonce]) }, 'it was used before'],
  ['a gate that is not open', { ...GOOD, target: null }, 'there is no "approve" that waits for "approve"'],
  ['a target of another name', target({ name: 'failback' }), 'there is no "approve" that waits for "approve"'],
  [
    'another action',
    stated({ action: 'region-failover eu-central-1 -> us-east-1' }),
    'it is for "region-failover eu-central-1 -> us-east-1", and the decision is on "region-failover us-east-1 -> eu-central-1"',
  ],
  [
    'facts that have changed',
    target({ factsDigest: 'e'.repeat(64) }),
    'the facts have changed since it was signed, and the question is asked again: read them and decide again',
  ],
  [
    'facts that were not seen',
    stated({ factsDigest: null }),
    'the facts have changed since it was signed, and the question is asked again: read them and decide again',
  ],
  [
    'a role that may not',
    { ...GOOD, verdict: { identity: 'sre@example.com', roles: ['auditor'], refusal: null } },
    'auditor may not approve; on-call-sre, vp-engineering may',
  ],
  ['a target that nobody may decide', target({ roles: [] }), 'on-call-sre may not approve; nobody may'],
])('refuses %s', (_case, decision, reason) => {
  expect(checkDecision(decision)).toBe(reason);
});

test('forgives a clock that is a minute ahead', () => {
  expect(checkDecision(stated({ issuedAt: iso(60_000) }))).toBeNull();
});

test('takes a life of exactly an hour', () => {
  expect(checkDecision(stated({ issuedAt: iso(0), expiresAt: iso(3_600_000) }))).toBeNull();
});

test('holds until the last millisecond', () => {
  expect(checkDecision(stated({ expiresAt: iso(1) }))).toBeNull();
});

test('refuses times that are none', () => {
  expect(checkDecision(stated({ issuedAt: 'yesterday' }))).not.toBeNull();
  expect(checkDecision(stated({ expiresAt: 'never' }))).not.toBeNull();
});
