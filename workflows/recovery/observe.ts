import { countFrom } from '../../plan/combine-facts.ts';
import type { Facts } from '../../plan/facts.ts';
import { lookAround } from '../look-around.ts';
import type { Recovery } from './recovery.ts';

/** Gathers facts for a recovery, which remembers the newest. */
export async function observe(recovery: Recovery): Promise<Facts> {
  const { plan, from, to, unreachableSince, alertsLeftOut } = recovery.input;
  const before = recovery.facts ?? (unreachableSince ? { fromUnreachable: true, unreachableSince } : null);
  const seen = await lookAround({ ref: recovery.ref, plan, from, to, note: (text) => recovery.note(text) });
  const facts = { ...countFrom(before, seen), ...(alertsLeftOut && { alertsLeftOut }) };
  recovery.facts = facts;
  return facts;
}
