import type { Run } from './matrix.ts';
import { temporalKilled } from './temporal-killed.ts';

/** `npm run chaos -- temporal` does it twenty times. */
test('Temporal is killed in mid-failover and started again: all failovers go on', async () => {
  const runs: Run[] = [];
  for await (const run of temporalKilled(3)) runs.push(run);
  expect(runs.map(({ wrong }) => wrong)).toEqual([null, null, null]);
}, 180_000);
