import type { Run } from '../../chaos/matrix.ts';
import { unprovedFences, WAYS } from '../../chaos/unproved-fence.ts';

/** One of each kind; `npm run chaos -- fence` goes through all of them, as often as it is told. */
const SOME = ['the store refuses connections', 'nobody knows who held the lease', 'the lease ran out long ago'];

test('a fence that cannot be proved stops at its gate, whatever the reason', async () => {
  const ways = WAYS.filter(({ name }) => SOME.some((some) => name.startsWith(some)));
  const runs: Run[] = [];
  for await (const run of unprovedFences(SOME.length, ways)) runs.push(run);
  expect(runs.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(runs).toHaveLength(SOME.length);
}, 180_000);
