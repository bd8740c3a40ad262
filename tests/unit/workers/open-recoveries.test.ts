import { inTurn } from '../../../workers/open-recoveries.ts';

const runs = Array.from({ length: 50 }, (_, at) => `run-${at}`);

test('few recoveries are all asked at every look', () => {
  const few = runs.slice(0, 20);
  expect(inTurn(few, new Map(few.map((run) => [run, 'a system'])))).toEqual(few);
});

test('a fleet takes turns: a look asks 20 at most, and everybody is asked', () => {
  const shown = new Map<string, string>();
  const looks = Array.from({ length: 5 }, () => {
    const asked = inTurn(runs, shown);
    for (const run of asked) {
      shown.delete(run);
      shown.set(run, 'a system');
    }
    return asked;
  });
  expect(looks.map(({ length }) => length)).toEqual([20, 20, 20, 20, 20]);
  expect(new Set(looks.slice(0, 3).flat()).size).toBe(50);
  // Two rounds of 50 in a hundred turns.
  expect(new Set(looks.slice(2).flat()).size).toBe(50);
});

test('who has ended is not asked again', () => {
  const shown = new Map(runs.map((run) => [run, 'a system']));
  expect(inTurn(['run-3', 'run-7'], shown)).toEqual(['run-3', 'run-7']);
});
