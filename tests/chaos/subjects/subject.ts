import type { Lab } from '../../../lab/lab.ts';
import type { Verb } from '../workflow.ts';

/** One step against a real service that nobody else uses, and what is seen of it from outside. */
export interface Prepared {
  input: object;
  /** What the outside shows when the step has had its effect once. */
  expected: unknown;
  /**
   * What it may show instead when a request that a frozen worker had in its hands comes as well, where the outside takes it
   * and it changes nothing.
   */
  twice?: unknown;
  /** Asks the outside; steps that only look are judged by what they answered, too. */
  seen(answer: unknown): Promise<unknown>;
  /** Undoes the step as a rollback would, where that is possible, and says what the outside shows then. */
  undo?: { act(): Promise<unknown>; expected: unknown };
}

/** A verb of the contract, as it is held to crashes. */
export interface Subject {
  verb: Verb;
  /** The provider, where there are several of the verb. */
  by?: string;
  /** Makes a starting state of its own for each run; `run` tells them apart. */
  prepare(run: number): Promise<Prepared>;
}

/** Subjects that share services of the lab. */
export interface Theatre {
  /** Services and tasks of the lab that the subjects need. */
  needs: string[];
  open(lab: Lab): Promise<{ subjects: Subject[]; close(): Promise<void> }>;
}
