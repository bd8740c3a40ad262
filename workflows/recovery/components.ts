import type { RestoreStep, Snapshot, Step, StepResult } from '../../activities/contract.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import { change, stepOptions } from './proxies.ts';
import type { Recovery } from './recovery.ts';
import { recordInverse } from './rollback.ts';

type ComponentWork = (recovery: Recovery, component: WiredComponent, phase: Phase) => Promise<string>;

/** The names of verbs that take a step of one form and answer in one form. */
type VerbNamed<Request, Answer> = {
  [Name in keyof typeof change]: (typeof change)[Name] extends (request: Request) => Promise<Answer> ? Name : never;
}[keyof typeof change];

/** Does the work for every component that the phase names, at the same time. */
export function eachComponent(work: ComponentWork): (recovery: Recovery, phase: Phase) => Promise<string> {
  return async (recovery, phase) => {
    const results = await Promise.all(phase.components.map((name) => work(recovery, recovery.component(name), phase)));
    return results.join('; ');
  };
}

/** A change that can be undone: what is there is recorded first, then changed. */
export function reversible(
  act: VerbNamed<Step, StepResult>,
  capture: VerbNamed<Step, Snapshot>,
  restore: VerbNamed<RestoreStep, StepResult>,
): ComponentWork {
  return async (recovery, component, phase) => {
    await recordAsItIs(recovery, component, capture, restore);
    const options = stepOptions(`${phase.name}: ${component.name} in ${recovery.input.to}`, phase.budget);
    const result = await change[act].executeWithOptions(options, [recovery.step(component)]);
    return result.detail;
  };
}

/** Records a component as it is now, and how to put it back. */
export async function recordAsItIs(
  recovery: Recovery,
  component: WiredComponent,
  capture: VerbNamed<Step, Snapshot>,
  restore: VerbNamed<RestoreStep, StepResult>,
): Promise<void> {
  const { name } = component;
  await recordInverse(recovery, component, {
    kind: restore,
    capture: (step) => change[capture].executeWithOptions(stepOptions(`record ${name} as it is`, null), [step]),
    restore: (step) => change[restore].executeWithOptions(stepOptions(`put ${name} back`, null), [step]),
  });
}

/** The database that a component's wiring refers to. */
export function databaseOf(recovery: Recovery, component: WiredComponent): WiredComponent {
  const { shared } = component.wiring;
  if ('databaseSecret' in shared) return recovery.component(shared.databaseSecret.component);
  if ('entries' in shared) return recovery.component(shared.database);
  throw new Ended('refused', `the wiring of ${component.name} refers to no database`);
}
