import { ApplicationFailure } from '@temporalio/common';
import type { ErrorType } from '../plan/errors.ts';

/** A refusal: trying again changes nothing, so Temporal does not, and the phase pauses or the recovery refuses. */
export function refusal(type: ErrorType, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}

/** A fault that may pass: Temporal retries it by the step's policy. */
export function fault(type: ErrorType, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: false });
}
