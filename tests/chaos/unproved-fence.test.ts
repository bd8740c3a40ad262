import type { Run } from './matrix.ts';
import { unprovedFences, WAYS } from './unproved-fence.ts';

/** `npm run chaos -- fence` does it as often as it is told. */
test('a fence that cannot be proved stops at its gate, whatever the reason', async () => {
  const runs: Run[] = [];
  for await (const run of unprovedFences(WAYS.length)) runs.push(run);
  expect(runs.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(runs).toHaveLength(WAYS.length);
}, 180_000);
