import { condition } from '@temporalio/workflow';
import { type AuthorityVerdict, authorityAt, authorityChangesAt } from '../../plan/authority.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Gate } from './gates.ts';
import { notice } from './notices.ts';
import type { Recovery } from './recovery.ts';

/** Who decides on this recovery now. */
export function authorityNow({ input: { plan, scenario } }: Recovery): AuthorityVerdict {
  return authorityAt(plan, scenario, new Date());
}

/** Waits until people have decided, or until the gate expires; answers which. Whom the next hours need is asked then. */
export async function decisionOn(recovery: Recovery, gate: Gate): Promise<boolean> {
  const { plan, scenario } = recovery.input;
  for (;;) {
    const nowMs = Date.now();
    const untilMs = authorityChangesAt(plan, scenario, nowMs, gate.expiresAtMs) ?? gate.expiresAtMs;
    if (await condition(() => gate.decided, untilMs - nowMs)) return true;
    if (Date.now() >= gate.expiresAtMs) return false;
    askAsOfNow(recovery, gate);
  }
}

/** Holds a gate to the rule of this hour too. Whoever is needed now and was not before is asked. */
export function askAsOfNow(recovery: Recovery, gate: Gate): void {
  const added = gate.heed(authorityNow(recovery));
  if (added.length === 0) return;
  const { system } = recovery.input.plan;
  recovery.note(`the hours have changed: "${gate.name}" asks for ${gate.requiredRoles.join(' and ')} now`);
  askAt(recovery, gate, added, `${system}: decision wanted, ${gate.action}`);
}

export function askAt(recovery: Recovery, gate: Gate, roles: string[], subject: string): void {
  notice(recovery, { kind: 'gate', roles, subject, text: gate.question });
}

/** The plan's authority may want others told when few people decide alone. Those of several hours are told once. */
export function tellWhoMustKnow(
  recovery: Recovery,
  verdicts: readonly AuthorityVerdict[],
  { what, text }: { what: string; text: string },
): void {
  const subject = `${recovery.input.plan.system}: ${what}`;
  const told = new Map(
    verdicts.flatMap(({ notify }) => (notify ? [[`${notify.roles} ${notify.within}`, notify]] : [])),
  );
  for (const { roles, within } of told.values()) {
    notice(recovery, { kind: 'authority', roles, subject, text }, milliseconds(within));
  }
}
