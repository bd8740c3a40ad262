import { type Figure, isMet } from '../../../bench/figures.ts';
import type { Fleet } from '../../../bench/fleet/failovers.ts';
import { figuresOf } from '../../../bench/fleet/flat.ts';

/** A fleet that took so much of everything. */
const fleetOf = (size: number, taken: number): Fleet => ({
  ...{ size, seconds: taken, workerCpu: taken, temporalCpu: taken, megabytes: taken, grownMegabytes: taken },
  ...{ each: [1], unrecovered: 0, unheard: 0, histories: [{ events: 300, actions: 90 }] },
});

const comparisons = (figures: Figure[]) => figures.filter(({ unit }) => unit === '×');
const named = (figures: Figure[], name: string) => figures.find((figure) => figure.name === name);

test('what each failover takes is the same: every comparison is met', () => {
  const fleets = [10, 100, 1_000].map((size) => [fleetOf(size, 20 + size), fleetOf(size, 20 + size)]);
  const compared = comparisons(figuresOf(fleets));
  // Six measures against two smaller fleets, and three times from size to size.
  expect(compared).toHaveLength(15);
  expect(compared.filter(({ bound }) => bound !== null).map(({ name }) => name)).toEqual([
    'machine time per failover: 1000 against 10',
    'memory of the worker per failover: 1000 against 10',
    'actions of one recovery: 1000 against 10',
  ]);
  expect(compared.filter((figure) => isMet(figure) === false)).toEqual([]);
});

test('a fixed cost does not hide that each failover more takes longer', () => {
  const figures = figuresOf([[fleetOf(10, 30)], [fleetOf(100, 50)], [fleetOf(1_000, 400)]]);
  const whole = named(figures, 'machine time per failover: 1000 against 10');
  const more = named(figures, 'machine time of each one more: 100 to 1000 against 10 to 100');
  expect(whole?.values).toEqual([0.4 / 3]);
  expect(more?.values[0]).toBeCloseTo(1.75, 6);
});

test('each repetition of a smaller fleet is compared', () => {
  const figures = figuresOf([[fleetOf(10, 10), fleetOf(10, 20)], [fleetOf(100, 100)]]);
  expect(named(figures, 'machine time per failover: 100 against 10')?.values).toEqual([1, 0.5]);
  expect(figures.some(({ name }) => name.includes('each one more'))).toBe(false);
});

test('what one more takes is not told where the middle one took no more than the smallest', () => {
  const figures = figuresOf([[fleetOf(10, 30)], [fleetOf(100, 30)], [fleetOf(1_000, 400)]]);
  const more = named(figures, 'machine time of each one more: 100 to 1000 against 10 to 100');
  expect(more?.values).toEqual([Number.NaN]);
});

test('a larger fleet of which each takes longer is not flat', () => {
  const figures = figuresOf([[fleetOf(10, 10)], [fleetOf(1_000, 1_210)]]);
  const bound = comparisons(figures).filter((figure) => isMet(figure) === false);
  expect(bound.map(({ name }) => name)).toEqual([
    'machine time per failover: 1000 against 10',
    'memory of the worker per failover: 1000 against 10',
  ]);
});
