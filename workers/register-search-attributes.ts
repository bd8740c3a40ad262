import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/recovery/search-attributes.ts';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

type ConnectionLike = Pick<NativeConnection | Connection, 'operatorService'>;

/** The gRPC status of the same name. */
const ALREADY_EXISTS = 6;

/** Makes the search attributes known to the namespace. Idempotent; those that are there already are left alone. */
export async function registerSearchAttributes(connection: ConnectionLike, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.map(({ name }) => name).filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  await addSearchAttributes(connection, namespace, missing).catch((error) => {
    // Another worker that starts at the same time was quicker.
    if (error.code !== ALREADY_EXISTS) throw error;
  });
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
