import fc from 'fast-check';
import { editsTo, isNothing } from '../../../../activities/dns/cloudflare/edits.ts';
import type { Entry, EntryContent } from '../../../../activities/dns/cloudflare/zone.ts';

const content = fc.record({
  content: fc.ipV4(),
  ttl: fc.constantFrom(1, 60, 300),
  proxied: fc.boolean(),
});
const contents = fc.uniqueArray(content, { selector: (entry) => entry.content, maxLength: 5 });

const entriesOf = (values: EntryContent[]): Entry[] =>
  values.map((value, index) => ({ id: `id-${index}`, name: 'www.example.com', type: 'A', ...value }));

/** What Cloudflare would hold after the edits. */
function applied(now: readonly Entry[], { patch, add, remove }: ReturnType<typeof editsTo>): EntryContent[] {
  const left = now.filter((entry) => !remove.includes(entry));
  const changed = left.map((entry) => patch.find((one) => one.entry === entry)?.to ?? entry);
  return [...changed, ...add].map(({ content, ttl, proxied }) => ({ content, ttl, proxied }));
}

const sorted = (entries: EntryContent[]) => entries.map((entry) => JSON.stringify(entry)).sort();

describe('editsTo', () => {
  test('ends in what is wanted, and then has nothing left to do', () => {
    fc.assert(
      fc.property(contents, contents, (now, wanted) => {
        const entries = entriesOf(now);
        const result = applied(entries, editsTo(entries, wanted));
        const plain = wanted.map(({ content, ttl, proxied }) => ({ content, ttl, proxied }));
        expect(sorted(result)).toEqual(sorted(plain));
        expect(isNothing(editsTo(entriesOf(result), wanted))).toBe(true);
      }),
    );
  });

  test('never removes an entry that it could change', () => {
    fc.assert(
      fc.property(contents, contents, (now, wanted) => {
        const { add, remove } = editsTo(entriesOf(now), wanted);
        expect(add.length === 0 || remove.length === 0).toBe(true);
      }),
    );
  });
});
