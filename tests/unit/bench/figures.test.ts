import { type Figure, isMet, spread, table } from '../../../bench/figures.ts';

const figure = (values: number[], bound: Figure['bound']): Figure => ({ name: 'a figure', unit: 's', values, bound });

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[5, 1, 3], { median: 3, min: 1, max: 5 }],
  [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
  [[10, 9, 8, 7, 600], { median: 9, min: 7, max: 600 }],
])('the spread of %j', (values, expected) => {
  expect(spread(values)).toEqual(expected);
});

test('nothing has no spread', () => {
  expect(() => spread([])).toThrow('nothing was measured');
});

test.each([
  ['the median is within, one round is not', [1, 2, 9], { of: 'median', atMost: 2 }, true],
  ['the median is above', [1, 3, 9], { of: 'median', atMost: 2 }, false],
  ['one round is above', [1, 2, 9], { of: 'every', atMost: 8 }, false],
  ['every round is within', [1, 2, 9], { of: 'every', atMost: 9 }, true],
  ['the median is below what is asked for', [1, 2, 9], { of: 'median', atLeast: 3 }, false],
  ['one round is below what is asked for', [1, 2, 9], { of: 'every', atLeast: 2 }, false],
  ['every round is as much as is asked for', [2, 2, 9], { of: 'every', atLeast: 2 }, true],
  ['there is no bound', [1, 2, 9], null, null],
] as const)('a bound is met when it should be: %s', (_, values, bound, expected) => {
  expect(isMet(figure([...values], bound))).toBe(expected);
});

test('the table shows median, spread, bound and whether it is met', () => {
  const figures = [
    figure([1.2345, 0.5, 2], { of: 'median', atMost: 1.5 }),
    figure([412], { of: 'every', atMost: 400 }),
    figure([76, 78], { of: 'every', atMost: 77 }),
    figure([0.25], null),
  ];
  expect(table(figures).split('\n')).toEqual([
    '|  | median | min – max | bound |  |',
    '| --- | --- | --- | --- | --- |',
    '| a figure | 1.23 s | 0.500 – 2 | ≤ 1.5 | met |',
    '| a figure | 412 s |  | ≤ 400 | **not met** |',
    '| a figure | 77 s | 76 – 78 | ≤ 77 in every round | **not met** |',
    '| a figure | 0.250 s |  |  |  |',
  ]);
});
