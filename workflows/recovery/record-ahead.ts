import { compensationOf } from '../../plan/actions/action.ts';
import { actionOf } from '../../plan/actions/index.ts';
import { ancestors } from '../../plan/graph.ts';
import type { Phase } from '../../plan/schema.ts';
import { actingIn } from './acting.ts';
import type { Recovery } from './recovery.ts';
import { snapshotOf } from './rollback.ts';

/**
 * Begins to record, all at once, what the phases to come will change and nothing changes before them. A phase finds its
 * record done, or under way; where it failed, the phase records by itself.
 */
export function recordAhead(recovery: Recovery): void {
  const { phases } = recovery.scenario;
  for (const phase of phases) {
    const { records } = actionOf(phase.action);
    if (records === undefined) continue;
    for (const name of phase.components.filter((component) => isFirstToChange(component, phase, phases))) {
      const component = recovery.component(name);
      const compensation = compensationOf(actingIn(recovery, phase), component, records);
      snapshotOf(recovery, component, compensation).catch(() => {});
    }
  }
}

/** Is the component as it is now until the phase changes it? Phases that share its record change it after the record. */
function isFirstToChange(component: string, phase: Phase, phases: Phase[]): boolean {
  const before = ancestors(phases, phase.name);
  const kindOf = ({ action }: Phase) => actionOf(action).records?.restore;
  return !phases.some(
    (other) => before.has(other.name) && other.components.includes(component) && kindOf(other) !== kindOf(phase),
  );
}
