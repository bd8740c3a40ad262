import { seconds } from './duration.ts';
import type { RollbackCriteria } from './schema.ts';

/** What verification saw. Null is unknown: it never triggers a rollback, and it is never good news either. */
export interface Observed {
  /** How many critical services fail their check. */
  criticalServicesFailing: number | null;
  /** How long the unfinished recovery has taken, less the time spent waiting for people. */
  elapsedSeconds: number | null;
  /** Percent of client requests that fail, 0 to 100. */
  customerErrorsPercent: number | null;
}

const exceeds = (value: number | null, limit: number | undefined): value is number =>
  value !== null && limit !== undefined && value > limit;

/** Why the failover must undo itself, in one sentence; null when no criterion says so. */
export function rollbackReason(criteria: RollbackCriteria, observed: Observed): string | null {
  const { criticalServicesFailing: failing, elapsedSeconds, customerErrorsPercent: errors } = observed;
  const longest = criteria.recoveryTime === undefined ? undefined : seconds(criteria.recoveryTime);
  if (exceeds(failing, criteria.criticalServicesFailing)) {
    return `${failing} critical services fail; more than ${criteria.criticalServicesFailing} roll back.`;
  }
  // Still under way when the limit is reached: it takes longer.
  if (elapsedSeconds !== null && longest !== undefined && elapsedSeconds >= longest) {
    return `The recovery has taken ${Math.round(elapsedSeconds)} s and goes on; more than ${longest} s roll back.`;
  }
  if (exceeds(errors, criteria.customerErrors)) {
    return `${Math.round(errors * 10) / 10} % of client requests fail; more than ${criteria.customerErrors} % roll back.`;
  }
  return null;
}
