import { checkPhases } from '../../../plan/checks/phases.ts';
import { checkScenarioActions } from '../../../plan/checks/scenario.ts';
import { ancestors } from '../../../plan/graph.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { Phase, Scenario, ScenarioName } from '../../../plan/schema.ts';

/** A scenario whose phases are others than the plan's, and what makes them so. */
export interface Variant {
  what: string;
  scenario: Scenario;
}

const distinct = (names: readonly string[]) => [...new Set(names)];

/** The phases without one: those that need it need what it needed. */
function without(phases: readonly Phase[], gone: Phase): Phase[] {
  const rewired = ({ needs }: Phase) => distinct(needs.flatMap((need) => (need === gone.name ? gone.needs : [need])));
  return phases.filter((phase) => phase !== gone).map((phase) => ({ ...phase, needs: rewired(phase) }));
}

/** The phases with two of them the other way round: `early` needed `late` until now. */
function reversed(phases: readonly Phase[], late: Phase, early: Phase): Phase[] {
  const before = new Set([...ancestors(phases, early.name), early.name]);
  return phases.map((phase) => {
    if (phase === late) return { ...phase, needs: distinct([...phase.needs, early.name]) };
    if (!before.has(phase.name)) return phase;
    return { ...phase, needs: distinct(phase.needs.flatMap((need) => (need === late.name ? late.needs : [need]))) };
  });
}

/** The phases with two of them side by side: `late` needs no longer `early`, but what that needs. */
function loosened(phases: readonly Phase[], late: Phase, early: Phase): Phase[] {
  const needs = distinct(late.needs.flatMap((need) => (need === early.name ? early.needs : [need])));
  return phases.map((phase) => (phase === late ? { ...phase, needs } : phase));
}

/** Verification after everything, however the others are ordered. */
function verifiedLast(phases: readonly Phase[]): Phase[] {
  const others = phases.flatMap(({ name, action }) => (action === 'verify' ? [] : [name]));
  return phases.map((phase) => (phase.action === 'verify' ? { ...phase, needs: others } : phase));
}

/** Every scenario that lacks a phase, or two, and every one with a pair of phases the other way round, or side by side. */
function variantsOf({ phases }: Scenario): { what: string; phases: Phase[] }[] {
  const named = (what: string, others: Phase[]) => ({ what, phases: verifiedLast(others) });
  const omissions = phases.flatMap((one, index) => [
    named(`without ${one.name}`, without(phases, one)),
    ...phases.slice(index + 1).map((two) => {
      const rest = without(phases, one);
      const other = rest.find(({ name }) => name === two.name) ?? two;
      return named(`without ${one.name} and ${two.name}`, without(rest, other));
    }),
  ]);
  const reversals = phases.flatMap((early) =>
    phases
      .filter((late) => ancestors(phases, early.name).has(late.name))
      .map((late) => named(`${late.name} after ${early.name}`, reversed(phases, late, early))),
  );
  const looser = phases.flatMap((late) =>
    phases
      .filter(({ name }) => late.needs.includes(name))
      .map((early) => named(`${late.name} beside ${early.name}`, loosened(phases, late, early))),
  );
  return [...omissions, ...reversals, ...looser];
}

/** The variants of a plan's scenario that validation lets pass. */
export function validVariants({ components }: RecoveryPlan, name: ScenarioName, scenario: Scenario): Variant[] {
  return variantsOf(scenario).flatMap(({ what, phases }) => {
    const variant = { ...scenario, phases };
    const found = [...checkPhases(phases, components, []), ...checkScenarioActions(name, variant, components, [])];
    return found.some(({ severity }) => severity === 'error') ? [] : [{ what, scenario: variant }];
  });
}
