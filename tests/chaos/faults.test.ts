import { faultyFailovers } from './faults.ts';
import type { Run } from './matrix.ts';

/** `npm run chaos -- faults` does it two hundred times. */
test('failovers whose calls fail now and then end safely', async () => {
  const runs: Run[] = [];
  for await (const run of faultyFailovers(2, 'npm test', new AbortController().signal)) runs.push(run);
  expect(runs.map(({ wrong }) => wrong)).toEqual([null, null]);
}, 300_000);
