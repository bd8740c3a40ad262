import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { SIGNATURE_NAMESPACE, type SignedDecision, statementText } from '../../../plan/decision.ts';
import { prepare } from '../../../starter/decide.ts';
import { signStatement } from '../../../starter/sign.ts';
import { identityOf, keyFromFile } from '../../../starter/ssh-keys.ts';
import { makeStatement } from '../../../starter/statement.ts';
import { type KeyPair, makeKey } from '../../support/starter/keys.ts';
import { waitingStatus } from '../../support/starter/statuses.ts';

let key: KeyPair;
beforeAll(async () => {
  key = await makeKey();
});
afterAll(() => rmSync(key.folder, { recursive: true }));

const approvers = () => ({ approvers: [{ identity: 'sre@lab.test', roles: ['on-call-sre'], keys: [key.publicKey] }] });

/** Verifies as anybody can, with ssh-keygen alone; answers its exit code. */
async function verify({ statement, signature }: SignedDecision): Promise<number | undefined> {
  const allowed = join(key.folder, 'allowed_signers');
  const file = join(key.folder, 'signature');
  writeFileSync(allowed, `sre@lab.test ${key.publicKey}\n`);
  writeFileSync(file, signature);
  const args = ['-Y', 'verify', '-f', allowed, '-I', 'sre@lab.test', '-n', SIGNATURE_NAMESPACE, '-s', file];
  return (await execa('ssh-keygen', args, { input: statement, reject: false })).exitCode;
}

test('a signed decision verifies with ssh-keygen, and an altered one does not', async () => {
  const { signed, statement } = await prepare(approvers(), waitingStatus(), { verb: 'approve', keyFile: key.file });
  expect(signed.statement).toBe(statementText(statement));
  expect(await verify(signed)).toBe(0);
  expect(await verify({ ...signed, statement: signed.statement.replace('approve', 'reject') })).not.toBe(0);
});

test('the public half of a key in an agent signs too', async () => {
  const agent = await execa('ssh-agent', ['-c']);
  const [socket, pid] = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID'].map(
    (name) => new RegExp(`${name} ([^;]+);`).exec(agent.stdout)?.[1],
  );
  const before = process.env['SSH_AUTH_SOCK'];
  process.env['SSH_AUTH_SOCK'] = socket ?? '';
  try {
    await execa('ssh-add', ['-q', key.file]);
    const found = await prepare(approvers(), waitingStatus(), { verb: 'approve' });
    expect([found.statement.identity, await verify(found.signed)]).toEqual(['sre@lab.test', 0]);
  } finally {
    process.kill(Number(pid));
    if (before === undefined) delete process.env['SSH_AUTH_SOCK'];
    else process.env['SSH_AUTH_SOCK'] = before;
  }
});

test('a key is recognised whatever its comment', async () => {
  const { publicKey } = await keyFromFile(`${key.file}.pub`);
  expect(identityOf(approvers(), publicKey.replace('test', 'someone@laptop'))).toBe('sre@lab.test');
  expect(identityOf({ approvers: [] }, publicKey)).toBeNull();
});

test('says what is wrong with a key', async () => {
  const none = join(key.folder, 'none');
  await expect(keyFromFile(none)).rejects.toThrow(`there is no key ${none}`);
  writeFileSync(none, 'not a key', { mode: 0o600 });
  await expect(keyFromFile(none)).rejects.toThrow('not a key that can sign');
  const statement = makeStatement(
    waitingStatus(),
    { verb: 'approve' },
    { identity: 'x', now: new Date(), expiresMs: 1 },
  );
  await expect(signStatement(statement, { publicKey: '', file: none })).rejects.toThrow('does not sign');
});

test('a key of no approver is named by its fingerprint, with those who could sign', async () => {
  const { stdout } = await execa('ssh-keygen', ['-l', '-f', key.file]);
  const [, fingerprint = 'none'] = stdout.split(' ');
  const approvers = [{ identity: 'sre@lab.test', roles: ['on-call-sre'], keys: [] }];
  const signing = prepare({ approvers }, waitingStatus(), { verb: 'approve', keyFile: key.file });
  await expect(signing).rejects.toThrow(`the key ${fingerprint} (${key.file}) is of no approver of this plan`);
  await expect(signing).rejects.toThrow('sre@lab.test (on-call-sre)');
});

test('a key of no approver needs a name', async () => {
  const decision = { verb: 'approve', keyFile: key.file } as const;
  await expect(prepare({ approvers: [] }, waitingStatus(), decision)).rejects.toThrow('--as');
  const { statement } = await prepare({ approvers: [] }, waitingStatus(), { ...decision, identity: 'guest@lab.test' });
  expect(statement.identity).toBe('guest@lab.test');
});
