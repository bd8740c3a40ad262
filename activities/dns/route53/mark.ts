import type { Change, ResourceRecordSet, Route53Client } from '@aws-sdk/client-route-53';
import { type Mark, markText, refuseIfOvertaken } from '../../mark.ts';
import { together } from '../../together.ts';
import { plainName, type RecordKey } from '../record.ts';
import { findSet } from './record-set.ts';
import type { Zone } from './zone.ts';

/** Nobody resolves it but people who look. */
const TTL_SECONDS = 60;

/** The TXT record beside a name, as Route 53 holds it; `set` is undefined when the name has never been moved. */
export interface FoundMark {
  name: string;
  set: ResourceRecordSet | undefined;
}

/**
 * Reads the marks of records: one per name, at `_lifeboat.<name>`.
 *
 * @throws LeaseLost when a later recovery has moved one of the names, or this one has put it back
 */
export async function readMarks(
  client: Route53Client,
  zone: Zone,
  records: readonly RecordKey[],
  own: Mark,
): Promise<FoundMark[]> {
  const names = [...new Set(records.map(({ name }) => `_lifeboat.${plainName(name)}`))];
  return together(
    names.map(async (name) => {
      const set = await findSet(client, zone, name, 'TXT');
      refuseIfOvertaken(set && textIn(set), own, `TXT record ${name}`);
      return { name, set };
    }),
  );
}

/**
 * What writes a mark along with the records that it belongs to. Route 53 makes a batch as a whole or not at all, deletes
 * a record only where every value is named as it is, and creates none that is there: so the batch of an executor that
 * read an older mark changes nothing.
 */
export function markChanges(marks: readonly FoundMark[], own: Mark): Change[] {
  return marks.flatMap(({ name, set }) => [
    ...(set === undefined ? [] : [{ Action: 'DELETE' as const, ResourceRecordSet: set }]),
    { Action: 'CREATE' as const, ResourceRecordSet: recordOf(name, own) },
  ]);
}

/** Whether all marks are this recovery's own already. */
export function areOwn(marks: readonly FoundMark[], own: Mark): boolean {
  return marks.every(({ set }) => set !== undefined && textIn(set) === markText(own));
}

function recordOf(name: string, own: Mark): ResourceRecordSet {
  return { Name: name, Type: 'TXT', TTL: TTL_SECONDS, ResourceRecords: [{ Value: `"${markText(own)}"` }] };
}

function textIn({ ResourceRecords = [] }: ResourceRecordSet): string {
  return ResourceRecords.map(({ Value = '' }) => Value.replace(/^"|"$/g, '')).join(' ');
}
