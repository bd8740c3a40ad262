import { plotOf } from '../../chaos/failovers/plot.ts';
import { faultyFailovers } from '../../chaos/faults.ts';
import type { Run } from '../../chaos/matrix.ts';

/** What goes wrong follows from it: in the first run a region is gone, in the second one only frozen. */
const SEED = 'npm test 38';

/** `npm run chaos -- faults` does it two hundred times. */
test('failovers whose calls fail now and then end safely', async () => {
  expect([SEED, `${SEED}.2`].map((seed) => plotOf(seed).kind)).toEqual(['killed', 'frozen']);
  const runs: Run[] = [];
  for await (const run of faultyFailovers(2, SEED, new AbortController().signal)) runs.push(run);
  expect(runs.map(({ wrong }) => wrong)).toEqual([null, null]);
}, 300_000);
