import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Client } from '@temporalio/client';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { decide } from '../../starter/decide.ts';
import type { GateStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { Lab } from '../lab.ts';
import { patience } from './patience.ts';
import type { Screen } from './screen.ts';

interface Approving {
  lab: Lab;
  /** Approve without asking. */
  yes: boolean;
  screen: Screen;
}

/** Asks on the terminal, and signs the answer with the key that the lab made for its on-call SRE. */
export function approver(client: Client, plan: RecoveryPlan, { lab, yes, screen }: Approving) {
  const keyFile = join(lab.folder, 'keys', 'sre-on-call');
  const patiently = patience();
  return async (status: RecoveryStatus, gate: GateStatus): Promise<void> => {
    const verb = yes || (await ask(gate)) ? 'approve' : 'reject';
    const verdict = await patiently(() => decide(client, plan, status, { verb, target: gate.name, keyFile }));
    if (verdict === null) screen.note(`the ${verb} was not answered; trying again`);
    else if (!verdict.accepted) screen.note(`the ${verb} was refused: ${verdict.detail}`);
  };
}

async function ask({ action, question, requiredRoles }: GateStatus): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(
      `\n${question}\nApprove "${action}" as ${requiredRoles.join(' and ')}? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
