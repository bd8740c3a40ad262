import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { GuardConfig } from './config.ts';
import { identityOf } from './postgres.ts';

/** Long enough to copy a large database; a guard that is told to stop ends it sooner. */
const TIMEOUT_MS = 24 * 3_600_000;

interface Running {
  env?: Record<string, string>;
  /** Ends the program when aborted. */
  signal?: AbortSignal;
}

/**
 * Runs one of PostgreSQL's programs, which lie beside `postgres`, as the user that PostgreSQL runs as; it ends with the
 * guard. Answers what it printed.
 *
 * @throws with the end of what it said of its failure
 */
export async function runProgram(
  config: GuardConfig,
  name: string,
  args: readonly string[],
  { env = {}, signal }: Running = {},
): Promise<string> {
  const identity = process.getuid?.() === 0 ? identityOf(config) : [];
  const program = join(dirname(config.program), name);
  const command = [...identity, '--pdeathsig', 'KILL', '--', program, ...args];
  const options = { cwd: '/', env: { ...env, LC_ALL: 'C' }, timeout: TIMEOUT_MS, reject: false } as const;
  const ran = await execa('setpriv', command, { ...options, ...(signal && { cancelSignal: signal }) });
  if (!ran.failed) return ran.stdout;
  const said = (ran.stderr || ran.shortMessage || '').trim().split('\n').slice(-3).join('; ');
  throw new Error(`${name}: ${said}`);
}
