import type { Outcome } from '../../plan/report.ts';

/** Thrown at the gate of a rollback when an approver has the system verified again in place of an answer. */
export class VerificationOrdered extends Error {}

/** Thrown to end a recovery before all phases are done, for a reason that people can read. */
export class Ended extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, reason: string) {
    super(reason);
    this.name = 'Ended';
    this.outcome = outcome;
  }
}
