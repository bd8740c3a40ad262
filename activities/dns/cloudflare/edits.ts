import { isDeepStrictEqual } from 'node:util';
import { plainName } from '../record.ts';
import type { Entry, EntryContent } from './zone.ts';

/** What turns a record's entries into those wanted. */
export interface Edits {
  patch: { entry: Entry; to: EntryContent }[];
  add: EntryContent[];
  remove: Entry[];
}

/**
 * The fewest edits that turn entries into those wanted. Entries are changed rather than replaced wherever possible,
 * so that what else they hold stays.
 */
export function editsTo(now: readonly Entry[], wanted: readonly EntryContent[]): Edits {
  const kept = now.filter((entry) => wanted.some((other) => sameContent(entry, other)));
  const stale = now.filter((entry) => !kept.includes(entry));
  const fresh = wanted.filter((entry) => !kept.some((other) => sameContent(entry, other)));
  const pairs = Math.min(stale.length, fresh.length);
  return {
    patch: [
      ...kept.flatMap((entry) => {
        const to = wanted.find((other) => sameContent(entry, other));
        return to === undefined || sameSettings(entry, to) ? [] : [{ entry, to }];
      }),
      ...fresh.slice(0, pairs).flatMap((to, index) => {
        const entry = stale[index];
        return entry === undefined ? [] : [{ entry, to }];
      }),
    ],
    add: fresh.slice(pairs),
    remove: stale.slice(pairs),
  };
}

/** Whether there is nothing to do. */
export function isNothing(edits: Edits | undefined): boolean {
  return edits === undefined || edits.patch.length + edits.add.length + edits.remove.length === 0;
}

function sameContent(entry: EntryContent, other: EntryContent): boolean {
  return plainName(entry.content) === plainName(other.content);
}

/** Whether the entry has all that is wanted of it, its content apart, which has more than one spelling. */
function sameSettings(entry: EntryContent, { content: _, ...wanted }: EntryContent): boolean {
  return isDeepStrictEqual({ ...entry, ...wanted }, entry);
}
