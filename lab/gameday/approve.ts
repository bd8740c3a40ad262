import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Client } from '@temporalio/client';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { decide } from '../../starter/decide.ts';
import { StarterError } from '../../starter/errors.ts';
import type { GateStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { Lab } from '../lab.ts';
import { patience } from './patience.ts';
import type { Screen } from './screen.ts';

interface Approving {
  lab: Lab;
  /** Approve without asking. */
  yes: boolean;
  screen: Screen;
  /** @default stdin and stdout */
  terminal?: Terminal;
}

/** Where the question is asked. */
interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** Asks on the terminal, and signs the answer with the key that the lab made for its on-call SRE. */
export function approver(
  client: Client,
  plan: RecoveryPlan,
  { lab, yes, screen, terminal = { input: process.stdin, output: process.stdout } }: Approving,
) {
  const keyFile = join(lab.folder, 'keys', 'sre-on-call');
  const patiently = patience();
  return async (status: RecoveryStatus, gate: GateStatus, elsewhere?: AbortSignal): Promise<void> => {
    const verb = yes ? 'approve' : await ask(terminal, gate, elsewhere);
    if (verb === null) return screen.note('decided elsewhere');
    const deciding = patiently(() => decide(client, plan, status, { verb, target: gate.name, keyFile }));
    const verdict = await deciding.catch(closedMeanwhile);
    if (verdict === 'closed') screen.note('decided elsewhere');
    else if (verdict === null) screen.note(`the ${verb} was not answered; trying again`);
    else if (!verdict.accepted) screen.note(`the ${verb} was refused: ${verdict.detail}`);
  };
}

/** The recovery has ended by the time that the answer was sent. */
function closedMeanwhile(error: unknown): 'closed' {
  if (error instanceof StarterError && error.kind === 'nothing-running') return 'closed';
  throw error;
}

/** Null when it was decided elsewhere before somebody answered. */
async function ask(
  { input, output }: Terminal,
  { action, question, requiredRoles }: GateStatus,
  elsewhere?: AbortSignal,
): Promise<'approve' | 'reject' | null> {
  const terminal = createInterface({ input, output });
  const asked = `\n${question}\nApprove "${action}" as ${requiredRoles.join(' and ')}? [y/N] `;
  try {
    const answer = await terminal.question(asked, elsewhere === undefined ? {} : { signal: elsewhere });
    return /^y(es)?$/i.test(answer.trim()) ? 'approve' : 'reject';
  } catch (error) {
    if (!elsewhere?.aborted) throw error;
    output.write('\n');
    return null;
  } finally {
    terminal.close();
  }
}
