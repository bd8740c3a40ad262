import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { milliseconds } from '../../plan/duration.ts';
import type { Gate } from './gates.ts';
import { notice } from './notices.ts';
import type { Recovery } from './recovery.ts';

/**
 * While a gate is unanswered, the plan's path of escalation is climbed: each step has the plan's time before the next
 * is brought in. Those whom the gate asks are told when it opens, so that they take no step of their own.
 *
 * @returns stops it
 */
export function climbWhileOpen(recovery: Recovery, gate: Gate): () => void {
  const { authority } = recovery.input.plan;
  const steps = authority.escalate.filter((role) => !gate.requiredRoles.includes(role));
  const ladder = new CancellationScope();
  const climbing = ladder.run(async () => {
    for (const role of steps) {
      await sleep(milliseconds(authority.escalateEvery), {
        summary: `nobody decides on "${gate.name}": bring in ${role}`,
      });
      bringIn(recovery, gate, role);
    }
  });
  climbing.catch((error) => {
    if (!isCancellation(error)) throw error;
  });
  return () => ladder.cancel();
}

function bringIn(recovery: Recovery, gate: Gate, role: string): void {
  const minutes = Math.round((Date.now() - gate.openedAtMs) / 60_000);
  const text = `Nobody has decided for ${minutes} min. ${gate.question} It waits for ${gate.requiredRoles.join(' and ')}.`;
  recovery.note(`nobody decides on "${gate.name}": ${role} is brought in`);
  notice(recovery, {
    kind: 'escalation',
    roles: [role],
    subject: `${recovery.input.plan.system}: ${gate.action}`,
    text,
  });
}
