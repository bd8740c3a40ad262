import type { Run } from '../../chaos/matrix.ts';
import { struckTimes, temporalKilled } from '../../chaos/temporal-killed.ts';

/** `npm run chaos -- temporal` does it twenty times. */
test('Temporal is killed in mid-failover and started again: all failovers go on', async () => {
  const runs: Run[] = [];
  for await (const run of temporalKilled(3, 3_000)) runs.push(run);
  expect(runs.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(runs.filter(({ struck }) => struck)).toHaveLength(3);
}, 180_000);

test('failovers that ended too early do not count', async () => {
  const runs: Run[] = [];
  const early = async (run: number) => ({ name: `${run}`, struck: run % 2 === 0, wrong: null });
  for await (const run of struckTimes(2, early)) runs.push(run);
  expect(runs.map(({ struck }) => struck)).toEqual([false, true, false, true]);
});

test('without one that still ran, nothing is proved', async () => {
  const runs: Run[] = [];
  for await (const run of struckTimes(1, async () => ({ name: '', struck: false, wrong: null }))) runs.push(run);
  expect(runs.at(-1)?.wrong).toBe('only 0 of 3 failovers still ran when Temporal was to be killed');
});
