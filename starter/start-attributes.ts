import type { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributes } from '../workflows/recovery/search-attributes.ts';
import { grpcCode } from './temporal-call.ts';

const INVALID_ARGUMENT = 3;

/**
 * Starts a workflow with its search attributes. Workers register them; before the first worker has, Temporal refuses
 * a start that names them, and starting matters more than being found: then it is started without.
 */
export async function withSearchAttributes<T>(
  of: { system: string; mode: string; scenario?: string },
  start: (options: { typedSearchAttributes?: TypedSearchAttributes }) => Promise<T>,
): Promise<T> {
  try {
    return await start({ typedSearchAttributes: searchAttributes(of) });
  } catch (error) {
    if (!isUnregistered(error)) throw error;
    return await start({});
  }
}

function isUnregistered(error: unknown): boolean {
  return grpcCode(error) === INVALID_ARGUMENT && /search attribute/i.test(`${error} ${(error as Error).cause}`);
}
