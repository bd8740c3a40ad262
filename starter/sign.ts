import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { SIGNATURE_NAMESPACE, type SignedDecision, type Statement, statementText } from '../plan/decision.ts';
import { StarterError } from './errors.ts';
import type { SigningKey } from './ssh-keys.ts';

/** Time for a person to type a passphrase or to touch a hardware key. */
const TIMEOUT_MS = 60_000;

/** Signs a statement with `ssh-keygen -Y sign`: key files, agents and hardware keys all work. */
export async function signStatement(statement: Statement, key: SigningKey): Promise<SignedDecision> {
  const text = statementText(statement);
  if (key.file !== null) return { statement: text, signature: await sign(text, key.file) };
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-key-'));
  try {
    const file = join(folder, 'agent.pub');
    await writeFile(file, `${key.publicKey}\n`, { mode: 0o600 });
    return { statement: text, signature: await sign(text, file) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What ssh-keygen says to a person ("touch your key") must reach them while it waits. */
async function sign(text: string, keyFile: string): Promise<string> {
  const stderr = process.stderr.isTTY ? (['pipe', 'inherit'] as const) : 'pipe';
  const signed = await execa('ssh-keygen', ['-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', keyFile], {
    input: text,
    stderr: stderr as 'pipe',
    reject: false,
    timeout: TIMEOUT_MS,
    stripFinalNewline: false,
  });
  if (signed.exitCode === 0) return signed.stdout;
  throw new StarterError(
    'failed',
    `the key ${keyFile} does not sign: ${lastLine(signed.stderr) || signed.shortMessage}`,
  );
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
