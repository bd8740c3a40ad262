import { AFTER, relyingOn } from '../../plan/action-order.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import type { Recovery } from './recovery.ts';

/**
 * Holds the order of actions while a recovery runs: a phase relies on the phases before it, so it starts only when they
 * are done. One that was skipped or left out provides nothing.
 *
 * @throws Ended with outcome refused when something that the phase relies on is not done
 */
export function requireDone(recovery: Recovery, phase: Phase): void {
  const rule = AFTER[phase.action];
  if (rule === undefined) return;
  const missing = relyingOn(phase, recovery.scenario.phases).filter(
    ({ name }) => recovery.phase(name).state !== 'done',
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(' and ');
    throw new Ended('refused', `${phase.name} relies on ${names}, not done: ${rule.why}`);
  }
  if (rule.actions.includes('promote-database')) requirePromoted(recovery);
}

/** Clients and workloads are led to the databases of `to`: each takes writes there by now, and there is one at least. */
function requirePromoted({ input: { plan, to }, promoted }: Recovery): void {
  const databases = Object.values(plan.components).filter(({ kind }) => kind === 'database');
  if (databases.length > 0 && databases.every(({ name }) => promoted.has(name))) return;
  const names = databases.flatMap(({ name }) => (promoted.has(name) ? [] : [name])).join(' and ') || 'no database';
  throw new Ended(
    'refused',
    `${names} was not promoted in ${to}: clients would be led to a database that takes no writes`,
  );
}
