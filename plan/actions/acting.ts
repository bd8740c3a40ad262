import type { Activities, MeasuredLoss, RestoreStep, Snapshot, Step, StepResult } from '../../activities/contract.ts';
import type { Facts } from '../facts.ts';
import type { WiredComponent } from '../recovery-plan.ts';
import type { ComponentKind } from '../schema.ts';
import type { Capability } from './capability.ts';

/** The names of verbs that take a step of one form and answer in one form. */
export type VerbNamed<Request, Answer> = {
  [Name in keyof Activities]: Activities[Name] extends (request: Request) => Promise<Answer> ? Name : never;
}[keyof Activities];

/** The verbs that do something to a component. */
export type Verb = {
  [Name in keyof Activities]: Parameters<Activities[Name]>[0] extends Step ? Name : never;
}[keyof Activities];

export type RequestOf<V extends Verb> = Parameters<Activities[V]>[0];
export type AnswerOf<V extends Verb> = Awaited<ReturnType<Activities[V]>>;

/** How a verb is called. */
export interface HowCalled {
  /** What Temporal's UI shows of it. */
  summary: string;
  /** By three times the budget of the phase, it has failed. */
  budgeted?: boolean;
  /** The site whose worker must do it; any worker when absent. */
  site?: string;
}

/** How a kind of change to a component is recorded before it is made, and undone. */
export interface Compensation {
  /** What undoes it: a component may be changed in more than one way. */
  kind: VerbNamed<RestoreStep, StepResult> | VerbNamed<Step, StepResult>;
  capture: (step: Step) => Promise<Snapshot>;
  /** What is changed, as the phases of a rollback name it; the component when absent. */
  label?: string;
  /** Where it is changed; in the site that takes over when absent. */
  step?: Step;
  /** What Temporal's UI shows of undoing it. */
  summary: string;
}

/** A place where people decide. */
export interface Question {
  name: 'approve' | 'failback' | 'split-brain';
  /** What is approved, in the words that are signed. */
  action: string;
  /** One sentence: what is asked and why. */
  question: string;
  answers: Answers;
  /** The data loss by approving, where it is not that of a promotion, which the facts estimate. */
  dataLoss?: string;
}

/** What each answer at a gate leads to, as one sentence. */
export interface Answers {
  approve: string;
  reject: string;
  /** There where one may have the system verified again in place of an answer. */
  retry?: string;
}

/** How a question goes on after it was approved. */
export interface Afterwards {
  /** What to ask once the facts have changed; throws `Ended` when it must not be asked any more. */
  askAgain: (facts: Facts) => Question;
  /** Why the approval cannot take effect now, beyond facts that have changed; null when it can. */
  obstacle?: () => Promise<string | null>;
}

/** What a recovery lends the actions of its phases. */
export interface Acting {
  readonly from: string;
  readonly to: string;
  readonly phase: string;
  component(name: string): WiredComponent;
  componentsOf(kind: ComponentKind): WiredComponent[];
  step(component: WiredComponent): Step;
  /** Has a phase of this recovery provided it for the component? */
  has(capability: Capability, component: WiredComponent): boolean;
  call<V extends Verb>(verb: V, request: RequestOf<V>, how: HowCalled): Promise<AnswerOf<V>>;
  /** Records what is there before it is changed, once for a component and kind of change. */
  record(component: WiredComponent, compensation: Compensation): Promise<void>;
  /** Puts a question to the people whom the plan's authority names; returns once they approve of what still holds. */
  ask(question: Question, afterwards: Afterwards): Promise<void>;
  /** From here on going back loses data. */
  passPointOfNoReturn(): void;
  /** What is known of the old primary of a database. */
  fenced(database: WiredComponent, proved: boolean): void;
  /** Have people accepted that it may still take writes? A later proof does not tell when they ended. */
  isRisked(database: WiredComponent): boolean;
  /** What a promotion has lost. */
  lost(database: WiredComponent, loss: MeasuredLoss): void;
  /** The old primary follows the new one: going back keeps the writes made since. */
  follows(database: WiredComponent): void;
  /** A line in the timeline. */
  note(text: string): void;
  /** What was observed last; null before anything was. */
  facts(): Facts | null;
  /** Is the error the end of the phase, by people or by the recovery? It must then be thrown on at once. */
  isCancellation(error: unknown): boolean;
  /** A failure that people must look at, whatever is tried. */
  toBeMended(message: string): Error;
  /** The end of the recovery: it must not be done. */
  refusal(message: string): Error;
  /** ISO time. */
  now(): string;
}
