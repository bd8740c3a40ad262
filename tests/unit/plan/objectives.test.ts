import { dataLossVerdict, objectiveMet, reconcileLoss, recoveryTimeVerdict } from '../../../plan/objectives.ts';

test.each([
  [300, 300, true],
  [300.1, 300, false],
  [0, 300, true],
  [null, 300, null],
  [Number.NaN, 300, null],
  [Number.POSITIVE_INFINITY, 300, null],
])('%s of %s: met is %s', (actual, objective, met) => {
  expect(objectiveMet(actual, objective)).toBe(met);
  expect(dataLossVerdict({ objectiveSeconds: objective, actualSeconds: actual }).met).toBe(met);
  expect(recoveryTimeVerdict({ objectiveSeconds: objective, actualSeconds: actual, humanSeconds: 0 }).met).toBe(met);
});

test('an unknown data loss says that it is unknown, and never 0', () => {
  const { reason } = dataLossVerdict({ objectiveSeconds: 10, actualSeconds: null });
  expect(reason).toContain('unknown');
  expect(reason).not.toContain('0 s');
});

test('waiting for people is shown and not taken off', () => {
  const verdict = recoveryTimeVerdict({ objectiveSeconds: 300, actualSeconds: 400, humanSeconds: 200 });
  expect(verdict).toEqual({
    met: false,
    reason: 'Recovered in 400 s, 200 s of it waiting for people; the objective is 300 s.',
  });
});

describe('the measures of one loss do not contradict each other', () => {
  const measures = { seconds: 0, method: 'none', estimatedSeconds: 39, lostAcknowledgedWrites: 0 };

  test('a loss of zero with nothing missing stays zero', () => {
    expect(reconcileLoss(measures)).toEqual({ seconds: 0, method: 'none' });
    expect(reconcileLoss({ ...measures, lostAcknowledgedWrites: null }).seconds).toBe(0);
  });

  test('a count of lost writes disproves a loss of zero', () => {
    expect(reconcileLoss({ ...measures, lostAcknowledgedWrites: 2_384 })).toEqual({
      seconds: null,
      method: 'unknown: 2384 acknowledged writes are missing, which disproves "none"',
    });
  });

  test('a loss beyond what the approvers were shown says so', () => {
    const { seconds, method } = reconcileLoss({ ...measures, seconds: 41.23, method: 'at most so long' });
    expect([seconds, method]).toEqual([41.23, 'at most so long; more than the 39 s that the approvers were shown']);
  });
});
