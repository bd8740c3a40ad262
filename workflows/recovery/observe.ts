import type { Facts } from '../../plan/facts.ts';
import { lookAround } from '../look-around.ts';
import type { Recovery } from './recovery.ts';

/** Gathers facts for a recovery, which remembers the newest. */
export async function observe(recovery: Recovery): Promise<Facts> {
  const { plan, from, to } = recovery.input;
  const facts = await lookAround({ ref: recovery.ref, plan, from, to, note: (text) => recovery.note(text) });
  recovery.facts = facts;
  return facts;
}
