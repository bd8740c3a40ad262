import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { approvalActivities, verifySignature } from '../../../../activities/approval/index.ts';
import { eventually } from '../../../../lab/eventually.ts';
import { checkDecision } from '../../../../plan/check-decision.ts';
import { type SignedDecision, type Statement, statementText } from '../../../../plan/decision.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { Keys } from '../../../support/activities/approval/keys.ts';
import { depsOf } from '../../../support/activities/step.ts';

const { verifySignatures } = approvalActivities(depsOf());

const SRE = 'sre@example.com';
const VP = 'vp@example.com';
const ISSUED = Date.parse('2026-11-21T07:00:00.000Z');

const STATEMENT: Statement = {
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
  issuedAt: new Date(ISSUED).toISOString(),
  expiresAt: new Date(ISSUED + 600_000).toISOString(),
  nonce: '0123456789abcdef',
};
const TEXT = statementText(STATEMENT);
const UNFIT = 'the signature does not fit: the statement was altered, or signed for another purpose, or cut short';

describe('verifySignature', () => {
  let keys: Keys;
  let plan: Pick<RecoveryPlan, 'approvers'>;

  beforeAll(async () => {
    keys = await Keys.make('sre', 'vp', 'stranger');
    plan = {
      approvers: [
        { identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] },
        { identity: VP, roles: ['vp-engineering'], keys: [await keys.publicKey('vp')] },
      ],
    };
  });

  afterAll(() => keys.remove());

  const signed = async (text = TEXT, key = 'sre', namespace?: string): Promise<SignedDecision> => ({
    statement: text,
    signature: await keys.sign(key, text, namespace),
  });
  const verify = (decision: unknown, by = plan) => verifySignature(depsOf(), decision, by.approvers);
  const changed = (changes: Partial<Statement>) => statementText({ ...STATEMENT, ...changes });

  test('knows who signed, with which key, and what they are', async () => {
    expect(await verify(await signed())).toEqual({
      identity: SRE,
      roles: ['on-call-sre'],
      keyFingerprint: await keys.fingerprint('sre'),
      refusal: null,
    });
  });

  test('knows every key of an approver', async () => {
    const approvers = [
      { identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('vp'), await keys.publicKey('sre')] },
    ];
    expect(await verify(await signed(), { approvers })).toMatchObject({ identity: SRE, refusal: null });
  });

  test('refuses a signature for another purpose', async () => {
    expect(await verify(await signed(TEXT, 'sre', 'git'))).toEqual({
      identity: null,
      roles: [],
      keyFingerprint: null,
      refusal: UNFIT,
    });
  });

  test('refuses the key of somebody else, and records which it was', async () => {
    expect(await verify(await signed(TEXT, 'stranger'))).toEqual({
      identity: null,
      roles: [],
      keyFingerprint: await keys.fingerprint('stranger'),
      refusal: "the key is not one of the plan's approvers'",
    });
  });

  test("refuses one approver's signature under another's name", async () => {
    expect(await verify(await signed(changed({ identity: VP })))).toEqual({
      identity: SRE,
      roles: [],
      keyFingerprint: await keys.fingerprint('sre'),
      refusal: `the statement is by ${VP} and the key is ${SRE}'s`,
    });
  });

  test.each([
    '*',
    '*@example.com',
    's?e@example.com',
    `${VP},${SRE}`,
    `!${VP},${SRE}`,
    `${SRE}\n`,
    ` ${SRE}`,
    '',
    '-n',
  ])('takes the identity %j for no pattern, list or option', async (identity) => {
    const verdict = await verify(await signed(changed({ identity })));
    expect(verdict).toMatchObject({ roles: [], refusal: `the statement is by ${identity} and the key is ${SRE}'s` });
  });

  test.each<[string, Partial<Statement>]>([
    ['verb', { verb: 'skip' }],
    ['run', { runId: 'run-2' }],
    ['facts', { factsDigest: 'e'.repeat(64) }],
    ['expiry', { expiresAt: '2030-01-01T00:00:00.000Z' }],
    ['identity', { identity: VP }],
  ])('refuses a statement whose %s was altered after signing', async (_part, changes) => {
    const { signature } = await signed();
    expect(await verify({ statement: changed(changes), signature })).toMatchObject({ identity: null, refusal: UNFIT });
  });

  test.each<[string, (signature: string) => string]>([
    ['cut short', (signature) => signature.slice(0, 100)],
    ['without its footer', (signature) => signature.replace(/-----END[^\n]*\n/, '')],
    ['empty', () => ''],
    ['with a byte changed', (signature) => signature.replace(/\n(.{10})./, (_all, kept) => `\n${kept}${'!'}`)],
    ['that is a public key', () => 'ssh-ed25519 AAAA'],
  ])('refuses a signature %s', async (_how, broken) => {
    const { statement, signature } = await signed();
    expect(await verify({ statement, signature: broken(signature) })).toMatchObject({ identity: null, refusal: UNFIT });
  });

  test.each<[string, string]>([
    ['a newline at its end', `${TEXT}\n`],
    ['white space inside', TEXT.replace(',', ', ')],
    ['a key twice', TEXT.replace('"verb":"approve"', '"verb":"reject","verb":"approve"')],
    ['keys in another order', JSON.stringify(STATEMENT)],
    ['an escaped letter', TEXT.replace('approve', '\\u0061pprove')],
  ])('refuses a statement with %s, though its signature is good', async (_what, text) => {
    expect(JSON.parse(text)).toEqual(STATEMENT);
    const verdict = await verify(await signed(text));
    expect(verdict.refusal).toBe('the statement is not canonical JSON (RFC 8785)');
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', null, /^it is not a signed decision/],
    ['text', 'approve', /^it is not a signed decision/],
    ['an envelope without signature', { statement: TEXT }, /^it is not a signed decision/],
    [
      'an envelope with more in it',
      { statement: TEXT, signature: 'x', roles: ['cto'] },
      /^it is not a signed decision/,
    ],
    ['a statement too long', { statement: 'x'.repeat(8193), signature: 'x' }, /^it is not a signed decision/],
    ['a statement that is no JSON', { statement: 'approve!', signature: 'x' }, /^the statement is not JSON$/],
    ['a statement of another type', { statement: '{"type":"x"}', signature: 'x' }, /^the statement is not one of/],
    [
      'a statement with more in it',
      { statement: JSON.stringify({ ...STATEMENT, roles: ['cto'] }), signature: 'x' },
      /^the statement is not one of Lifeboat's decisions: .*roles/,
    ],
  ])('refuses %s and does not throw', async (_what, decision, reason) => {
    expect((await verify(decision)).refusal).toMatch(reason);
  });

  test('takes no approver out of the comment of a key', async () => {
    const smuggled = `${await keys.publicKey('sre')}\n${VP} ${await keys.publicKey('stranger')}`;
    const approvers = [
      { identity: SRE, roles: ['on-call-sre'], keys: [smuggled] },
      { identity: VP, roles: ['vp-engineering'], keys: [await keys.publicKey('vp')] },
    ];
    const verdict = await verify(await signed(changed({ identity: VP }), 'stranger'), { approvers });
    expect(verdict.refusal).toBe("the key is not one of the plan's approvers'");
  });

  test('lets one key be one person, even when the plan gives it to two', async () => {
    const shared = await keys.publicKey('sre');
    const approvers = [
      { identity: SRE, roles: ['on-call-sre'], keys: [shared] },
      { identity: VP, roles: ['vp-engineering'], keys: [shared] },
    ];
    expect(await verify(await signed(), { approvers })).toMatchObject({ identity: SRE, refusal: null });
    const second = await verify(await signed(changed({ identity: VP })), { approvers });
    expect(second.refusal).toBe(`the statement is by ${VP} and the key is ${SRE}'s`);
  });

  test('refuses everything when there is no approver', async () => {
    expect((await verify(await signed(), { approvers: [] })).refusal).toBe(
      "the key is not one of the plan's approvers'",
    );
  });

  test('refuses when ssh-keygen cannot be run', async () => {
    const path = process.env['PATH'];
    const decision = await signed();
    process.env['PATH'] = '/nowhere';
    try {
      const verdict = await verify(decision);
      expect(verdict).toMatchObject({
        identity: null,
        refusal: expect.stringMatching(
          /^the signature could not be checked by the worker: .*ssh-keygen ENOENT; mend it/,
        ),
      });
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('leaves no file behind', async () => {
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('lifeboat-approval-'));
    const before = await left();
    await verify(await signed());
    await verify(await signed(TEXT, 'stranger'));
    const since = (await left()).filter((name) => !before.includes(name));
    // Other tests of this machine verify meanwhile, and remove what is theirs.
    await eventually({ what: 'no file of a signature to be there', withinMs: 20_000 }, async () => {
      const there = await left();
      if (since.some((name) => there.includes(name))) throw new Error(since.join(', '));
    });
  });

  test('a good signature of another run, or a second time, is still no decision', async () => {
    const verdict = await verify(await signed());
    const decision = {
      statement: STATEMENT,
      verdict,
      target: { name: 'approve', action: STATEMENT.action, factsDigest: STATEMENT.factsDigest, roles: ['on-call-sre'] },
      workflowId: STATEMENT.workflowId,
      runId: STATEMENT.runId,
      planHash: STATEMENT.planHash,
      nowMs: ISSUED,
      usedNonces: new Set<string>(),
    };
    expect(checkDecision(decision)).toBeNull();
    expect(checkDecision({ ...decision, runId: 'run-2' })).toBe('it was signed for another run');
    expect(checkDecision({ ...decision, usedNonces: new Set([STATEMENT.nonce]) })).toBe('it was used before');
    expect(checkDecision({ ...decision, nowMs: ISSUED + 600_000 })).toBe('it expired at 2026-11-21T07:10:00.000Z');
  });
});

test('verifySignatures answers each decision in its place', async () => {
  const keys = await Keys.make('sre');
  const approvers = [{ identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] }];
  const signature = await keys.sign('sre', TEXT);
  const forged = { statement: statementText({ ...STATEMENT, verb: 'reject' }), signature };
  const decisions = [forged, forged, { statement: TEXT, signature }, forged, forged, forged];
  const verdicts = await verifySignatures({ decisions, plan: { approvers } });
  expect(verdicts.map(({ refusal }) => refusal === null)).toEqual([false, false, true, false, false, false]);
  await keys.remove();
});
