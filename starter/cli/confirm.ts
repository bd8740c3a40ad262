import { createInterface } from 'node:readline/promises';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { factLines } from '../screen/status.ts';
import { aboutWhat, chooseGate, type Wish } from '../statement.ts';
import { tell } from './output.ts';

/**
 * Shows what is about to be signed, with its facts, and asks. Throws when the person says no, and when there is
 * nobody to ask and `--yes` was not given.
 */
export async function confirm(status: RecoveryStatus, wish: Wish, { yes }: { yes?: boolean }): Promise<void> {
  const { action } = aboutWhat(status, wish);
  const head = `${status.system}, ${status.environment} (${status.mode}): ${status.summary}`;
  await askBefore([head, ...factsFor(status, wish)], `${wish.verb} "${action}"? [y/N] `, { yes: yes ?? false });
}

/** Shows the lines and asks, unless the answer was given beforehand. Throws when it is no, or nobody can be asked. */
export async function askBefore(lines: string[], question: string, { yes }: { yes: boolean }): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new StarterError('usage', 'there is no terminal to ask on; add --yes to decide without being asked');
  }
  tell(lines.join('\n'));
  if (!(await askedYes(question))) {
    throw new StarterError('refused', 'nothing was signed and nothing was sent');
  }
}

function factsFor(status: RecoveryStatus, wish: Wish): string[] {
  if (wish.verb !== 'approve' && wish.verb !== 'reject') return [];
  const { question, facts, answers, dataLoss } = chooseGate(status, wish.target);
  const lines = facts ? factLines(facts, new Date(), dataLoss) : ['no facts are shown at this gate'];
  return [question, `  ${wish.verb}: ${answers[wish.verb]}`, ...lines.map((line) => `  ${line}`)];
}

async function askedYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
