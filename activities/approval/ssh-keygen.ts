import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { SIGNATURE_NAMESPACE, type SignedDecision } from '../../plan/decision.ts';
import type { Approver } from '../../plan/schema.ts';

const TIMEOUT_MS = 10_000;

/** Answers about one signature, from OpenSSH itself. */
export interface SshKeygen {
  /** SHA-256 of the key that made the signature over this very text in Lifeboat's namespace; null when none did. */
  signingKey(): Promise<string | null>;
  /** The approver to whom the key belongs; null when it is nobody's. */
  principal(): Promise<string | null>;
  /** Whether the approver may sign in Lifeboat's namespace and did sign this very text. */
  verifies(identity: string): Promise<boolean>;
}

/** One line per key: the identity, the only namespace it is good for, the key without its comment. */
export function allowedSigners(approvers: readonly Pick<Approver, 'identity' | 'keys'>[]): string {
  const lines = approvers.flatMap(({ identity, keys }) =>
    // A key's comment may hold anything, even a line break, and would then be a line of its own.
    keys.map((key) => `${identity} namespaces="${SIGNATURE_NAMESPACE}" ${key.split(/\s+/).slice(0, 2).join(' ')}\n`),
  );
  return lines.join('');
}

/** Lets `ask` question ssh-keygen about a decision, with files in a private folder that is gone afterwards. */
export async function withSshKeygen<T>(
  { statement, signature }: SignedDecision,
  approvers: readonly Pick<Approver, 'identity' | 'keys'>[],
  ask: (sshKeygen: SshKeygen) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-approval-'));
  const signers = join(folder, 'allowed_signers');
  const signed = join(folder, 'statement.sig');
  const run = (operation: string, ...options: string[]) =>
    execa('ssh-keygen', ['-Y', operation, '-s', signed, ...options], {
      input: statement,
      env: { LC_ALL: 'C' },
      reject: false,
      timeout: TIMEOUT_MS,
    });
  try {
    await writeFile(signers, allowedSigners(approvers), { mode: 0o600 });
    await writeFile(signed, signature, { mode: 0o600 });
    return await ask(questions(run, signers));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Run = (operation: string, ...options: string[]) => Promise<{ exitCode?: number; stdout: string; cause?: unknown }>;

function questions(run: Run, signers: string): SshKeygen {
  const ask: Run = async (...parts) => {
    const answer = await run(...parts);
    // Without an exit code it was not OpenSSH that said no.
    if (answer.exitCode === undefined) throw new Error('ssh-keygen could not be run', { cause: answer.cause });
    return answer;
  };
  return {
    async signingKey() {
      const { exitCode, stdout } = await ask('check-novalidate', '-n', SIGNATURE_NAMESPACE);
      return exitCode === 0 ? (/ key (SHA256:\S+)/.exec(stdout)?.[1] ?? null) : null;
    },
    async principal() {
      const { exitCode, stdout } = await ask('find-principals', '-f', signers);
      return exitCode === 0 ? (stdout.split('\n')[0] ?? null) : null;
    },
    async verifies(identity) {
      const { exitCode } = await ask('verify', '-n', SIGNATURE_NAMESPACE, '-I', identity, '-f', signers);
      return exitCode === 0;
    },
  };
}
