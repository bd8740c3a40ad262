import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/recovery/search-attributes.ts';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

type ConnectionLike = Pick<NativeConnection | Connection, 'operatorService'>;

/** gRPC statuses (https://grpc.io/docs/guides/status-codes/). */
const ALREADY_EXISTS = 6;
const NOT_ALLOWED = [7, 12];

/**
 * Makes the search attributes known to the namespace. Idempotent; those that are there already are left alone. A worker that
 * may not even look takes it that somebody has made them.
 *
 * @throws when one is missing and this worker may not add it: recoveries would fail at their first decision
 */
export async function registerSearchAttributes(connection: ConnectionLike, namespace: string): Promise<void> {
  const known = await connection.operatorService.listSearchAttributes({ namespace }).catch(nullIfNotAllowed);
  if (known === null) return;
  const missing = SEARCH_ATTRIBUTES.map(({ name }) => name).filter((name) => !(name in known.customAttributes));
  if (missing.length === 0) return;
  await addSearchAttributes(connection, namespace, missing).catch((error) => {
    // Another worker that starts at the same time was quicker.
    if (error.code === ALREADY_EXISTS) return;
    if (!NOT_ALLOWED.includes(error.code)) throw error;
    const what = `namespace ${namespace} lacks the search attributes ${missing.join(', ')}`;
    throw new Error(`${what}, and this worker may not add them: make them by hand, each a Keyword`, { cause: error });
  });
}

function nullIfNotAllowed(error: { code?: number }): null {
  if (error.code !== undefined && NOT_ALLOWED.includes(error.code)) return null;
  throw error;
}

/** Adds keyword attributes. Throws when one of them is there. */
export async function addSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
  names: string[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
