import { jest } from '@jest/globals';
import { type SignedDecision, Statement } from '../../../plan/decision.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { Keys } from '../../support/activities/approval/keys.ts';
import { armor, blobOf, bytesOf, withField } from '../../support/approvals/armor.ts';
import { at, Chain, FACTS, gateOf, NOW, SRE, STATEMENT, textOf, VP } from '../../support/approvals/chain.ts';
import { stopTheClock } from '../../support/approvals/clock.ts';

const UNFIT = /^the signature does not fit/;
const NOT_CANONICAL = 'the statement is not canonical JSON (RFC 8785)';
const NO_APPROVER = / is not one of the plan's approvers$/s;
const NOT_HIS = new RegExp(`^the statement is by .* and the key is ${SRE}'s$`, 's');
const NOT_A_DECISION = /^the statement is not one of Lifeboat's decisions/;
const NO_ENVELOPE = /^it is not a signed decision/;

let keys: Keys;
let approvers: RecoveryPlan['approvers'];

beforeAll(async () => {
  keys = await Keys.make('sre', 'sre-laptop', 'vp', 'auditor', 'stranger');
  approvers = [
    { identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre'), await keys.publicKey('sre-laptop')] },
    { identity: VP, roles: ['vp-engineering'], keys: [await keys.publicKey('vp')] },
    { identity: 'auditor@example.com', roles: ['auditor'], keys: [await keys.publicKey('auditor')] },
  ];
});
beforeEach(() => stopTheClock(NOW));
afterEach(() => jest.useRealTimers());
afterAll(() => keys.remove());

const FINGERPRINT = expect.stringMatching(/^SHA256:/);

const sign = async (text: string, key = 'sre', namespace?: string) => ({
  statement: text,
  signature: await keys.sign(key, text, namespace),
});
const stated = (changes: Partial<Statement>, key = 'sre') => sign(textOf(changes), key);
const chain = (gate = gateOf()) => new Chain(approvers, gate);

/** Refused with its reason, without effect, and on record with all that is known of who tried. */
async function refused(attack: unknown, reason: string | RegExp, on = chain()): Promise<void> {
  const { accepted, detail } = await on.answer(attack);
  expect(accepted).toBe(false);
  if (typeof reason === 'string') expect(detail).toBe(reason);
  else expect(detail).toMatch(reason);
  expect(on.missing).toEqual(on.gate === null ? [] : ['on-call-sre', 'vp-engineering']);
  expect(on.gate?.outcome ?? 'undecided').toBe('undecided');
  expect(on.recovery.stop).toBeNull();
  expect(on.recovery.usedNonces.size).toBe(0);
  const signer = { identity: expect.anything(), roles: expect.any(Array), keyFingerprint: FINGERPRINT };
  const [entry, ...more] = on.record;
  expect(more).toEqual([]);
  // Who it was is known where OpenSSH could tell, and nothing of it is made up.
  const known =
    entry?.identity === null ? { ...signer, identity: null, roles: [], keyFingerprint: entry.keyFingerprint } : signer;
  expect(entry).toEqual({ at: at(0), ...saidBy(attack), ...known, accepted: false, detail });
  expect(on.notes).toEqual([expect.stringMatching(/ refused: /)]);
}

/** What the attack says of itself, where it can be read. */
function saidBy(attack: unknown) {
  const unread = { verb: 'unknown', target: 'unknown', factsDigest: null, reason: null };
  try {
    const { verb, target, factsDigest, reason } = Statement.parse(JSON.parse((attack as SignedDecision).statement));
    return { verb, target, factsDigest, reason };
  } catch {
    return unread;
  }
}

test('without an attack, the two people who are wanted open the gate', async () => {
  const gate = chain();
  expect(await gate.decide(await stated({}))).toBeNull();
  expect(gate.missing).toEqual(['vp-engineering']);
  expect(await gate.decide(await stated({ identity: VP, nonce: 'another-nonce-0001' }, 'vp'))).toBeNull();
  expect(gate.missing).toEqual([]);
  expect(gate.gate?.outcome).toBe('approved');
  expect(gate.record).toMatchObject([
    { verb: 'approve', identity: SRE, roles: ['on-call-sre'], accepted: true, keyFingerprint: FINGERPRINT },
    { verb: 'approve', identity: VP, roles: ['vp-engineering'], accepted: true, keyFingerprint: FINGERPRINT },
  ]);
});

describe('signed for something else', () => {
  test.each([
    'git',
    'file',
    'lifeboat-decision@v2',
    'LIFEBOAT-DECISION@V1',
    'lifeboat-decision@v1 ',
    'lifeboat-decision',
  ])('in the namespace %j', async (namespace) => refused(await sign(textOf(), 'sre', namespace), UNFIT));

  test.each<[string, Partial<Statement>, string | RegExp]>([
    ['another run', { runId: 'run-0' }, 'it was signed for another run'],
    ['the recovery of another system', { workflowId: 'recovery/other' }, 'it was signed for another run'],
    ['another plan', { planHash: 'b'.repeat(64) }, 'it was signed for another plan'],
    ['another gate', { target: 'failback' }, 'there is no "failback" that waits for "approve"'],
    [
      'the opposite direction',
      { action: 'region-failover eu-central-1 -> us-east-1' },
      /^it is for "region-failover eu/,
    ],
    ['an action with a space more', { action: `${STATEMENT.action} ` }, /^it is for/],
    ['old facts', { factsDigest: 'e'.repeat(64) }, /^the facts have changed/],
    ['no facts', { factsDigest: null }, /^the facts have changed/],
  ])('%s', async (_what, changes, reason) => refused(await stated(changes), reason));

  test('facts that changed after it was signed', async () => {
    const worse = { ...FACTS, expectedDataLossSeconds: 60 };
    await refused(await stated({}), /^the facts have changed/, chain(gateOf(worse)));
  });

  test('a gate that is closed by now', async () => {
    await refused(await stated({}), 'there is no "approve" that waits for "approve"', new Chain(approvers, null));
  });
});

describe('at another time', () => {
  test.each<[string, Partial<Statement>, RegExp]>([
    ['expired', { expiresAt: at(0) }, /^it expired/],
    ['expired before it was issued', { issuedAt: at(0), expiresAt: at(-1) }, /^it expired/],
    ['good for more than an hour', { issuedAt: at(0), expiresAt: at(3_600_001) }, /more than an hour/],
    ['good for ever', { expiresAt: '9999-12-31T23:59:59.999Z' }, /more than an hour/],
    ['issued in the future', { issuedAt: at(61_000) }, /is in the future$/],
    ['issued long ago to last until now', { issuedAt: at(-7_200_000) }, /more than an hour/],
    ['with a time zone of its own', { expiresAt: '2026-11-21T23:10:00+16:00' }, NOT_A_DECISION],
    ['with a day that does not exist', { expiresAt: '2026-11-31T07:10:00.000Z' }, NOT_A_DECISION],
    ['with no time at all', { expiresAt: '' }, NOT_A_DECISION],
  ])('%s', async (_when, changes, reason) => refused(await stated(changes), reason));

  test('kept until it expired', async () => {
    const kept = await stated({});
    const later = chain();
    jest.setSystemTime(NOW + 600_000);
    const reason = await later.decide(kept);
    expect(reason).toMatch(/^it expired/);
    expect(later.record).toMatchObject([{ at: at(600_000), accepted: false, detail: reason, identity: null }]);
    expect(later.missing).toEqual(['on-call-sre', 'vp-engineering']);
  });
});

describe('more than once', () => {
  test('the same envelope again', async () => {
    const gate = chain();
    const envelope = await stated({});
    expect(await gate.decide(envelope)).toBeNull();
    expect(await gate.decide(envelope)).toBe('it was used before');
    expect(gate.missing).toEqual(['vp-engineering']);
  });

  test('the same signature in another armor', async () => {
    const gate = chain();
    const { statement, signature } = await stated({});
    expect(await gate.decide({ statement, signature })).toBeNull();
    for (const again of [signature.replaceAll('\n', '\r\n'), armor(bytesOf(signature)), `${signature}\n\n`]) {
      expect(await gate.decide({ statement, signature: again })).not.toBeNull();
    }
    expect(gate.missing).toEqual(['vp-engineering']);
  });

  test('the same statement signed with the other key of the same person', async () => {
    const gate = chain();
    expect(await gate.decide(await stated({}))).toBeNull();
    expect(await gate.decide(await stated({}, 'sre-laptop'))).toBe('it was used before');
  });

  test('a nonce that another statement used', async () => {
    const gate = chain();
    expect(await gate.decide(await stated({}))).toBeNull();
    expect(await gate.decide(await stated({ reason: 'once more' }))).toBe('it was used before');
  });

  test('two keys of one person are one voice', async () => {
    const gate = chain();
    expect(await gate.decide(await stated({}))).toBeNull();
    expect(await gate.decide(await stated({ nonce: 'another-nonce-0001' }, 'sre-laptop'))).toBeNull();
    expect(gate.missing).toEqual(['vp-engineering']);
  });

  test('one person with both roles is one voice', async () => {
    approvers = approvers.map((one) =>
      one.identity === SRE ? { ...one, roles: ['on-call-sre', 'vp-engineering'] } : one,
    );
    const gate = chain();
    expect(await gate.decide(await stated({}))).toBeNull();
    expect(await gate.decide(await stated({ nonce: 'another-nonce-0001' }, 'sre-laptop'))).toBeNull();
    expect(gate.missing).toHaveLength(1);
    approvers = approvers.map((one) => (one.identity === SRE ? { ...one, roles: ['on-call-sre'] } : one));
  });
});

describe('by somebody else', () => {
  test('a stranger', async () => refused(await stated({}, 'stranger'), "the key is not one of the plan's approvers'"));

  test('a stranger under the name of the VP', async () =>
    refused(await stated({ identity: VP }, 'stranger'), "the key is not one of the plan's approvers'"));

  test('the SRE under the name of the VP', async () => refused(await stated({ identity: VP }), NOT_HIS));

  test('an approver whose role may not', async () =>
    refused(await stated({ identity: 'auditor@example.com' }, 'auditor'), /^auditor may not approve/));

  test.each([
    ['a Cyrillic letter', 'sr\u0435@example.com'],
    ['another case', 'SRE@example.com'],
    ['a full-width at sign', 'sre\uff20example.com'],
    ['a zero-width space', 'sre\u200b@example.com'],
    ['a right-to-left mark', '\u200fsre@example.com'],
    ['a soft hyphen', 'sr\u00ade@example.com'],
    ['a line break', `${SRE}\r\n${VP}`],
    ['a NUL', `${SRE}\u0000`],
    ['a pattern', '*'],
    ['a list', `${VP},${SRE}`],
    ['an option of ssh-keygen', '-Overify-time=19700101'],
    ['nothing', ''],
  ])('a name with %s', async (_what, identity) => refused(await stated({ identity }), NO_APPROVER));

  test('a key that the plan no longer has', async () => {
    const envelope = await stated({});
    const revoked = approvers.map((one) => (one.identity === SRE ? { ...one, keys: one.keys.slice(1) } : one));
    expect(await new Chain(revoked).decide(envelope)).toBe("the key is not one of the plan's approvers'");
  });

  test('a person who is no longer an approver', async () => {
    const left = approvers.filter(({ identity }) => identity !== SRE);
    expect(await new Chain(left).decide(await stated({}))).toBe(`${SRE} is not one of the plan's approvers`);
  });
});

describe('a statement that can be read in two ways', () => {
  const TEXT = textOf();

  test.each<[string, string, string | RegExp]>([
    ['a key given twice', TEXT.replace('"verb":"approve"', '"verb":"reject","verb":"approve"'), NOT_CANONICAL],
    ['keys in another order', JSON.stringify(STATEMENT), NOT_CANONICAL],
    ['white space', TEXT.replaceAll('":', '": '), NOT_CANONICAL],
    ['CRLF at its end', `${TEXT}\r\n`, NOT_CANONICAL],
    ['CRLF between its parts', TEXT.replaceAll(',"', ',\r\n"'), NOT_CANONICAL],
    ['an escaped letter', TEXT.replace('approve', '\\u0061pprove'), NOT_CANONICAL],
    ['an escaped slash', TEXT.replace('recovery/teei', 'recovery\\/teei'), NOT_CANONICAL],
    ['a byte order mark', `\ufeff${TEXT}`, 'the statement is not JSON'],
    ['a NUL at its end', `${TEXT}\u0000`, 'the statement is not JSON'],
    ['a second statement behind it', `${TEXT}${TEXT}`, 'the statement is not JSON'],
    ['a comment', `${TEXT}// approve`, 'the statement is not JSON'],
    ['a prototype', TEXT.replace('{', '{"__proto__":{"verb":"abort"},'), NOT_A_DECISION],
    ['a key more', TEXT.replace('{', '{"admin":true,'), NOT_A_DECISION],
    ['a list around it', `[${TEXT}]`, NOT_A_DECISION],
    ['half a character', TEXT.replace('us-east-1 is dark', '\\ud800'), NOT_CANONICAL],
    ['a short nonce', textOf({ nonce: 'short' }), NOT_A_DECISION],
    ['another type', TEXT.replace('decision/v1', 'decision/v2'), NOT_A_DECISION],
    ['a verb that is none', TEXT.replace('"verb":"approve"', '"verb":"constructor"'), NOT_A_DECISION],
  ])('%s, though the signature is good', async (_what, text, reason) => refused(await sign(text), reason));

  test('letters composed otherwise than signed', async () => {
    const { signature } = await stated({ reason: 'Ausfall in Z\u00fcrich' });
    await refused({ statement: textOf({ reason: 'Ausfall in Zu\u0308rich' }), signature }, UNFIT);
  });
});

describe('an envelope that was tampered with', () => {
  test.each<[string, Partial<Statement>, RegExp]>([
    ['verb', { verb: 'reject' }, UNFIT],
    ['run', { runId: 'run-2' }, /^it was signed for another run$/],
    ['facts', { factsDigest: 'e'.repeat(64) }, /^the facts have changed/],
    ['expiry', { expiresAt: at(3_000_000) }, UNFIT],
    ['nonce', { nonce: 'a-fresh-nonce-0001' }, UNFIT],
    ['reason', { reason: null }, UNFIT],
  ])('another %s than was signed', async (_part, changes, reason) => {
    const { signature } = await stated({});
    await refused({ statement: textOf(changes), signature }, reason);
  });

  test('the signature of another statement', async () => {
    const other = await stated({ target: 'failback', action: 'failback', nonce: 'another-nonce-0001' });
    await refused({ statement: textOf(), signature: other.signature }, UNFIT);
  });

  test.each<[string, (signature: string) => string]>([
    ['cut in the middle', (signature) => signature.slice(0, signature.length / 2)],
    ['cut to its header', (signature) => signature.split('\n')[0] as string],
    ['cut inside the bytes', (signature) => armor(bytesOf(signature).subarray(0, -10))],
    ['with bytes behind', (signature) => armor(Buffer.concat([bytesOf(signature), Buffer.alloc(16)]))],
    ['of zeros', (signature) => armor(Buffer.alloc(bytesOf(signature).length))],
    ['with its last bit flipped', (signature) => armor(flipped(bytesOf(signature), -1))],
    ['with another magic word', (signature) => armor(flipped(bytesOf(signature), 0))],
    ['of a later version', (signature) => armor(ofVersion2(bytesOf(signature)))],
    ['with another hash named', (signature) => withField(signature, 'sha512', 'sha256')],
    ['with a hash that is none', (signature) => withField(signature, 'sha512', 'md5')],
    ['with another namespace named', (signature) => withField(signature, 'lifeboat-decision@v1', 'git')],
    ['in the armor of a key', (signature) => signature.replaceAll('SSH SIGNATURE', 'OPENSSH PRIVATE KEY')],
    ['that is empty', () => ''],
    ['that is a path', () => '/etc/passwd'],
  ])('a signature %s', async (_how, change) => {
    const { statement, signature } = await stated({});
    await refused({ statement, signature: change(signature) }, UNFIT);
  });

  test("a stranger's signature in which the SRE's key was put", async () => {
    const { statement, signature } = await stated({}, 'stranger');
    const [theirs, ours] = [blobOf(await keys.publicKey('stranger')), blobOf(await keys.publicKey('sre'))];
    await refused({ statement, signature: withField(signature, theirs, ours) }, UNFIT);
  });

  test('a signature in the wrong namespace in which ours was put', async () => {
    const { statement, signature } = await sign(textOf(), 'sre', 'git');
    await refused({ statement, signature: withField(signature, 'git', 'lifeboat-decision@v1') }, UNFIT);
  });

  test("a stranger's signature before the SRE's", async () => {
    const [other, good] = [await stated({ identity: VP }, 'stranger'), await stated({})];
    const signature = other.signature + good.signature;
    await refused({ statement: textOf({ identity: VP }), signature }, /.+/);
  });

  test.each<[string, (good: { statement: string; signature: string }) => unknown]>([
    ['nothing', () => null],
    ['a list', ({ statement, signature }) => [statement, signature]],
    ['a statement that is an object', ({ signature }) => ({ statement: STATEMENT, signature })],
    ['a signature that is a list', ({ statement, signature }) => ({ statement, signature: [signature] })],
    ['roles of its own', (good) => ({ ...good, roles: ['vp-engineering'] })],
    ['a verdict of its own', (good) => ({ ...good, refusal: null, identity: VP })],
    ['a statement without end', ({ signature }) => ({ statement: textOf({ reason: 'x'.repeat(9_000) }), signature })],
    [
      'a signature without end',
      ({ statement, signature }) => ({ statement, signature: signature.padEnd(9_000, '\n') }),
    ],
    ['ten megabytes', () => ({ statement: 'x'.repeat(10_000_000), signature: 'x' })],
  ])('an envelope with %s', async (_what, change) => refused(change(await stated({})), NO_ENVELOPE));
});

describe('another algorithm', () => {
  test.each([
    ['ecdsa', '256'],
    ['rsa', '2048'],
  ])('a key of type %s that the plan does not have', async (type, bits) => {
    const others = await Keys.make();
    try {
      await others.add('other', type, bits);
      const statement = textOf();
      const envelope = { statement, signature: await others.sign('other', statement) };
      await refused(envelope, "the key is not one of the plan's approvers'");
    } finally {
      await others.remove();
    }
  });

  test.each(['rsa-sha2-256', 'ssh-rsa', 'none', 'ssh-dss'])('a signature that says it is of %s', async (algorithm) => {
    const { statement, signature } = await stated({});
    const last = bytesOf(signature).lastIndexOf('ssh-ed25519');
    const bytes = bytesOf(signature);
    const renamed = Buffer.concat([
      bytes.subarray(0, last),
      Buffer.from(algorithm),
      bytes.subarray(last + 'ssh-ed25519'.length),
    ]);
    await refused({ statement, signature: armor(renamed) }, UNFIT);
  });
});

function flipped(bytes: Buffer, position: number): Buffer {
  const at = position < 0 ? bytes.length + position : position;
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** After the magic word `SSHSIG` comes a version of four bytes. */
function ofVersion2(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(2, 'SSHSIG'.length);
  return copy;
}
