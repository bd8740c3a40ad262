import type { Report } from '../../../plan/report.ts';
import type { OutsideCheck } from '../checks.ts';
import type { Watching } from '../incident.ts';
import type { Measured } from '../measure.ts';

/** What a drill plays on: a lab under load, a client of Temporal, the plan. */
export interface Stage extends Watching {
  /** Approve without asking. */
  yes: boolean;
}

/** What came of a drill. */
export interface Drilled {
  /** Null where no recovery was to start. */
  report: Report | null;
  /** What the client saw, where it was moved for good. */
  measured?: Measured;
  checks: OutsideCheck[];
}

/** A disaster to rehearse in the lab. */
export interface Drill {
  name: string;
  /** One line for people. */
  title: string;
  /** Is the system to be recovered by it, its objectives met? */
  recovers?: true;
  play(stage: Stage): Promise<Drilled>;
}

export const check = (name: string, passed: boolean, seen: string): OutsideCheck => ({ name, passed, seen });

/** Answers a function that does it the first time it is called, and waits for it every time. */
export function once<A extends unknown[]>(act: (...first: A) => Promise<unknown>): (...given: A) => Promise<void> {
  let doing: Promise<unknown> | null = null;
  return async (...given) => {
    doing ??= act(...given);
    await doing;
  };
}
