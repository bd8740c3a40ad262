import { type Mark, markText, refuseIfOvertaken } from '../../mark.ts';
import { together } from '../../together.ts';
import { plainName, type RecordKey } from '../record.ts';
import type { Batch, Entry, Zone } from './zone.ts';

/** Cloudflare's word for "automatic". Nobody resolves it but people who look. */
const TTL = 1;

/** The TXT entries beside a name: one, but for executors that marked it at the same time. */
export interface FoundMark {
  name: string;
  entries: Entry[];
}

/**
 * Reads the marks of records, at `_lifeboat.<name>`, and makes one where there is none: only an entry that is there can
 * be taken away, and taking it away is the condition of every change.
 *
 * @throws LeaseLost when a later recovery has moved one of the names, or this one has put it back
 */
export async function claimMarks(zone: Zone, records: readonly RecordKey[], own: Mark): Promise<FoundMark[]> {
  const found = await readMarks(zone, records, own);
  const missing = found.filter(({ entries }) => entries.length === 0);
  if (missing.length === 0) return found;
  // Who comes late may do this, too. It changes no answer, and what is read next tells.
  const failures = await Promise.all(missing.map(({ name }) => zone.add(entryOf(name, own)).catch(asError)));
  const now = await readMarks(zone, records, own);
  // One that could not be made since another attempt was quicker is there.
  const failure = failures.find((one) => one !== undefined);
  if (failure !== undefined && now.some(({ entries }) => entries.length === 0)) throw failure;
  return now;
}

/** As they are. Throws as `claimMarks` does. */
export async function readMarks(zone: Zone, records: readonly RecordKey[], own: Mark): Promise<FoundMark[]> {
  const names = [...new Set(records.map(({ name }) => `_lifeboat.${plainName(name)}`))];
  return together(
    names.map(async (name) => {
      const entries = await zone.entries({ name, type: 'TXT' });
      for (const entry of entries) refuseIfOvertaken(textIn(entry), own, `TXT record ${name}`);
      return { name, entries };
    }),
  );
}

/**
 * What replaces the marks along with the records that they belong to. An entry has an id that no other ever gets: the
 * batch of an executor that read marks which were replaced since is refused as a whole.
 */
export function markChanges(marks: readonly FoundMark[], own: Mark): Pick<Batch, 'deletes' | 'posts'> {
  return {
    deletes: marks.flatMap(({ entries }) => entries.map(({ id }) => ({ id }))),
    posts: marks.map(({ name }) => entryOf(name, own)),
  };
}

/** Whether all marks are this recovery's own already. */
export function areOwn(marks: readonly FoundMark[], own: Mark): boolean {
  return marks.every(
    ({ entries }) => entries.length === 1 && entries.every((entry) => textIn(entry) === markText(own)),
  );
}

const asError = (error: Error) => error;

const entryOf = (name: string, own: Mark) => ({
  ...{ name, type: 'TXT', ttl: TTL, proxied: false },
  content: `"${markText(own)}"`,
});

/** Cloudflare shows a text with its quotes or without. */
const textIn = ({ content }: Entry) => content.replace(/^"|"$/g, '');
