import { type Action, type Part, workOf } from '../../plan/actions/action.ts';
import { ACTIONS } from '../../plan/actions/index.ts';
import { relyingOn } from '../../plan/actions/order.ts';
import { componentsOf } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { actingIn, isProvided } from './acting.ts';
import { approve, assess } from './assess.ts';
import { Ended } from './ended.ts';
import type { Budget } from './phases.ts';
import { recordAhead } from './record-ahead.ts';
import type { Recovery } from './recovery.ts';
import { verify } from './verify.ts';

type PartOfRecovery = (recovery: Recovery, phase: Phase, budget: Budget) => Promise<string>;

const PARTS: Readonly<Record<Part, PartOfRecovery>> = { assess, decide, verify };

/** Does what a phase's action says, to all of its components at the same time. Answers one readable sentence. */
export async function runPhase(recovery: Recovery, phase: Phase, budget: Budget): Promise<string> {
  const action = ACTIONS[phase.action];
  if (action === undefined) throw new Ended('refused', `no action is named ${phase.action}`);
  requireProvided(recovery, phase, action);
  const { does } = action;
  if (typeof does === 'string') return await PARTS[does](recovery, phase, budget);
  const work = workOf(action, does, actingIn(recovery, phase));
  const results = await Promise.all(phase.components.map((name) => work(recovery.component(name))));
  return results.join('; ');
}

/** From the approval on: what the phases will change is recorded beside their work, and not in its way. */
async function decide(recovery: Recovery): Promise<string> {
  const approved = await approve(recovery);
  recordAhead(recovery);
  return approved;
}

/**
 * Holds the order of actions while a recovery runs: what a phase relies on is done. One that was skipped or left out
 * provides nothing.
 *
 * @throws Ended with outcome refused when something is not done
 */
function requireProvided(recovery: Recovery, phase: Phase, { after }: Action): void {
  if (after === undefined) return;
  const { scenario, input } = recovery;
  const isDone = ({ name }: Phase) => recovery.phase(name).state === 'done';
  const missing = relyingOn(phase, scenario.phases).filter((other) => !isDone(other));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(' and ');
    throw new Ended('refused', `${phase.name} relies on ${names}, not done: ${after.why}`);
  }
  if (!after.capabilities.includes('primary')) return;
  const databases = componentsOf(input.plan, 'database');
  const behind = databases.filter((database) => !isProvided(recovery, 'primary', database));
  if (databases.length > 0 && behind.length === 0) return;
  const names = behind.map(({ name }) => name).join(' and ') || 'no database';
  const why = 'clients would be led to a database that takes no writes';
  throw new Ended('refused', `${names} was not promoted in ${input.to}: ${why}`);
}
