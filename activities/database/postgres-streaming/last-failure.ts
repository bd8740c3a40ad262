import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { fault } from '../../fault.ts';
import type { LeaseAccess } from './lease-access.ts';

/** A guard starts its PostgreSQL again at once: one that keeps failing has failed within this time. */
const RECENT_MS = 30_000;

/** Why a region's PostgreSQL ended by itself a moment ago, as its guard read it in its log; null when it did not. */
export async function lastFailure(access: LeaseAccess | null, region: string): Promise<string | null> {
  const failure = await access?.store.lastFailure(region).catch(() => null);
  return failure != null && (failure.ageMs ?? 0) < RECENT_MS ? failure.reason : null;
}

/** Does `act`, and adds to a fault why PostgreSQL in the region ended by itself, if it did. Refusals say enough. */
export async function namingFailure<T>(access: LeaseAccess | null, region: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const refused = error instanceof ApplicationFailure && error.nonRetryable === true;
    if (refused || Context.current().cancellationSignal.aborted) throw error;
    const failure = await lastFailure(access, region);
    if (failure === null) throw error;
    throw fault('NotReached', `${(error as Error).message}; PostgreSQL in ${region} ended with ${failure}`);
  }
}
