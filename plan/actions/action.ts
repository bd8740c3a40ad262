import type { Activities, RestoreStep, Snapshot, Step, StepResult } from '../../activities/contract.ts';
import type { WiredComponent } from '../recovery-plan.ts';
import type { ComponentKind } from '../schema.ts';
import type { Acting, Compensation, VerbNamed } from './acting.ts';
import type { Capability } from './capability.ts';

/** What a phase of a plan can do: to which components, in which order, in which words, and how it is undone. */
export interface Action {
  /** What it acts on; an empty list is the system as a whole. */
  kinds: readonly ComponentKind[];
  /** Verbs of `activities/contract.ts`, in the order in which they run, and what each does. */
  steps: readonly { verb: keyof Activities; does: string }[];
  /** What rollback does about it, or why there is nothing to do. */
  undo: { verb: keyof Activities | null; does: string };
  /** Where to look when the phase pauses. */
  look: string;
  provides?: readonly Capability[];
  /** What must have been brought about before it, by whatever phases of the scenario do so, and why. */
  after?: { capabilities: readonly Capability[]; why: string };
  /** Moves that leave it out for a component of its kinds would be without this. */
  needed?: { by: Move; why: string };
  /** `both`: it takes part in the site that is left as well. `one`: it is for when that site is lost. */
  sites?: 'both' | 'one';
  /** Undoing it loses what was written since. */
  pointOfNoReturn?: true;
  /** Never skipped, whether or not another phase relies on it: it proves or protects. */
  skippable?: false;
  /** How a component is recorded before it is changed, and put back. */
  records?: Recorded;
  /** What is done once for the phase, while its components are recorded. */
  before?: (acting: Acting) => Promise<void>;
  /** What it does to one component, and one readable sentence of what was done; or which part of a recovery it is. */
  does: Work | Part;
}

/** Moves of the whole system: every one, those in which both sites take part, and those that return after a failover. */
export type Move = 'move' | 'planned' | 'return';

/** What every scenario has exactly one of: the look around, the decision before anything is changed, the proof. */
export type Part = 'assess' | 'decide' | 'verify';

export type Work = (acting: Acting, component: WiredComponent) => Promise<string>;

/** The verbs that record a component as it is, and put it back. */
export interface Recorded {
  capture: VerbNamed<Step, Snapshot>;
  restore: VerbNamed<RestoreStep, StepResult>;
}

/** Work that is one call of a verb, within the phase's budget. */
export function oneCall(
  verb: VerbNamed<Step, StepResult>,
  summaryOf: (acting: Acting, component: WiredComponent) => string,
  stepOf: (step: Step) => Step = (step) => step,
): Work {
  return async (acting, component) => {
    const how = { summary: summaryOf(acting, component), budgeted: true };
    return (await acting.call(verb, stepOf(acting.step(component)), how)).detail;
  };
}

/** A change that is one verb, and can be undone. */
export function reversible({
  act,
  ...records
}: Recorded & { act: VerbNamed<Step, StepResult> }): Pick<Action, 'records' | 'does'> {
  return { records, does: oneCall(act, ({ phase, to }, { name }) => `${phase}: ${name} in ${to}`) };
}

/** Does a phase's work, one component at a time: what is there is recorded first, then changed. */
export function workOf(
  { records, before }: Action,
  does: Work,
  acting: Acting,
): (component: WiredComponent) => Promise<string> {
  let ready: Promise<void> | undefined;
  return async (component) => {
    ready ??= before?.(acting);
    const recorded = records && acting.record(component, compensationOf(acting, component, records));
    await Promise.all([ready, recorded]);
    return await does(acting, component);
  };
}

/** How a component is recorded as it is, and put back. */
export function compensationOf(
  acting: Pick<Acting, 'call'>,
  { name }: WiredComponent,
  { capture, restore }: Recorded,
): Compensation {
  return {
    kind: restore,
    capture: (step) => acting.call(capture, step, { summary: `record ${name} as it is` }),
    summary: `put ${name} back`,
  };
}

/** The same step in the other direction: what is done in the site that is left. */
export const otherWay = (step: Step): Step => ({ ...step, from: step.to, to: step.from });

/** The database that a component's wiring refers to. */
export function databaseOf(acting: Acting, { name, wiring: { shared } }: WiredComponent): WiredComponent {
  if ('databaseSecret' in shared) return acting.component(shared.databaseSecret.component);
  if ('entries' in shared) return acting.component(shared.database);
  throw acting.refusal(`the wiring of ${name} refers to no database`);
}
