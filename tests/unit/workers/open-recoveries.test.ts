import { gaugesOf, inTurn } from '../../../workers/open-recoveries.ts';
import { minutesLater, waitingStatus } from '../../support/starter/statuses.ts';

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

test.each([
  ['a gate that is open', { humanSeconds: 0, waitingSince: minutesLater(1) }, 0.2],
  ['gates that are closed', { humanSeconds: 840, waitingSince: null }, 0.2],
  ['both', { humanSeconds: 60, waitingSince: minutesLater(2) }, 0.2],
  ['no gate', { humanSeconds: 0, waitingSince: null, gates: [] }, 3],
])('the time of approvers at %s uses nothing up of the objective', (_, waited, ratio) => {
  const status = waitingStatus({ ...waited, startedAt: minutesLater(0), objectiveSeconds: 300 });
  const gauges = gaugesOf(status, Date.parse(minutesLater(15)));
  expect(gauges.lifeboat_objective_used_ratio).toBeCloseTo(ratio);
});
