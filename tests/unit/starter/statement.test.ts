import { Statement } from '../../../plan/decision.ts';
import { makeStatement, type Wish } from '../../../starter/statement.ts';
import { BEGIN, GATE, minutesLater, phase, waitingStatus } from '../../support/starter/statuses.ts';

const signer = { identity: 'sre@lab.test', now: new Date(BEGIN), expiresMs: 10 * 60_000 };
const make = (wish: Wish, status = waitingStatus()) => makeStatement(status, wish, signer);
const pausedAt = (...names: string[]) =>
  waitingStatus({ state: 'paused', gates: [], phases: names.map((name) => phase(name, { state: 'paused' })) });

test('an approval is bound to run, plan, gate, action, facts and time', () => {
  const statement = make({ verb: 'approve', reason: 'seen' });
  expect(Statement.parse(statement)).toEqual({
    type: 'lifeboat/decision/v1',
    verb: 'approve',
    workflowId: 'recovery/teei-csr',
    runId: 'run-1',
    planHash: 'h'.repeat(64),
    target: 'approve',
    action: 'region-failover us-east-1 -> eu-central-1',
    factsDigest: GATE.factsDigest,
    identity: 'sre@lab.test',
    reason: 'seen',
    issuedAt: BEGIN,
    expiresAt: minutesLater(10),
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(make({ verb: 'approve' }).nonce).not.toBe(statement.nonce);
});

test('with several gates the one that is named, and only then', () => {
  const status = waitingStatus({ gates: [GATE, { ...GATE, name: 'split-brain', action: 'accept the risk' }] });
  expect(() => make({ verb: 'approve' }, status)).toThrow('which gate? --gate approve | split-brain');
  expect(make({ verb: 'reject', target: 'split-brain' }, status)).toMatchObject({
    target: 'split-brain',
    action: 'accept the risk',
  });
});

test('without a gate there is nothing to approve', () => {
  expect(() => make({ verb: 'approve' }, waitingStatus({ gates: [] }))).toThrow('no open gate');
});

test('retry and skip name a phase that is paused', () => {
  expect(make({ verb: 'retry' }, pausedAt('dns'))).toMatchObject({
    target: 'dns',
    action: 'retry dns',
    factsDigest: null,
  });
  expect(make({ verb: 'skip', target: 'cdn' }, pausedAt('dns', 'cdn'))).toMatchObject({
    target: 'cdn',
    action: 'skip cdn',
  });
  expect(() => make({ verb: 'skip' }, pausedAt('dns', 'cdn'))).toThrow('which phase? --phase dns | cdn');
  expect(() => make({ verb: 'retry', target: 'cdn' }, pausedAt('dns'))).toThrow('which phase? --phase dns');
  expect(() => make({ verb: 'retry' })).toThrow('no paused phase');
});

test.each(['abort', 'rollback'] as const)('%s is of the recovery as a whole', (verb) => {
  expect(make({ verb })).toMatchObject({ target: 'recovery', action: `${verb} region-failover`, factsDigest: null });
});
