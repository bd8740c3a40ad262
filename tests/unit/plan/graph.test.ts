import fc from 'fast-check';
import { ancestors, criticalPath, dependencyOrder, findCycle, waves } from '../../../plan/graph.ts';

const phase = (name: string, needs: string[] = [], budget?: string) => ({ name, needs, budget });

const DIAMOND = [
  phase('verify', ['left', 'right'], '60s'),
  phase('left', ['start'], '30s'),
  phase('right', ['gate'], '2m'),
  phase('gate', ['start']),
  phase('start', [], '1m'),
];

test('waves hold what may run at the same time', () => {
  const names = waves(DIAMOND).map((wave) => wave.map(({ name }) => name));
  expect(names).toEqual([['start'], ['left', 'gate'], ['right'], ['verify']]);
});

test('the critical path is the chain with most budget, gates counting nothing', () => {
  expect(criticalPath(DIAMOND)).toEqual({ names: ['start', 'gate', 'right', 'verify'], seconds: 240 });
});

test('ancestors reach all the way back', () => {
  expect([...ancestors(DIAMOND, 'right')].sort()).toEqual(['gate', 'start']);
});

test('a cycle is named from end to end, phases behind it are not', () => {
  const phases = [phase('a', ['c']), phase('b', ['a']), phase('c', ['b']), phase('behind', ['c'])];
  expect(findCycle(phases)).toEqual(['a', 'c', 'b', 'a']);
  expect(findCycle([phase('behind', ['c']), ...phases.slice(0, 3)])).toEqual(['c', 'b', 'a', 'c']);
  expect(findCycle([phase('alone', ['alone'])])).toEqual(['alone', 'alone']);
  expect(findCycle(DIAMOND)).toBeNull();
});

/** Phases that need only earlier ones, in any order. */
const acyclic = fc
  .array(fc.tuple(fc.array(fc.nat(20), { maxLength: 4 }), fc.integer({ min: 0, max: 300 })), { maxLength: 12 })
  .map((rows) =>
    rows.map(([needs, budget], index) =>
      phase(`p${index}`, [...new Set(needs.filter((need) => need < index).map((need) => `p${need}`))], `${budget}s`),
    ),
  )
  .chain((phases) => fc.shuffledSubarray(phases, { minLength: phases.length }));

test('every phase of an acyclic plan is ordered after what it needs', () => {
  fc.assert(
    fc.property(acyclic, (phases) => {
      const order = dependencyOrder(phases).map(({ name }) => name);
      expect([...order].sort()).toEqual(phases.map(({ name }) => name).sort());
      for (const { name, needs } of phases) {
        for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
      }
    }),
  );
});

test('the critical path is a chain of needs, and no phase ends later than it', () => {
  fc.assert(
    fc.property(acyclic, (phases) => {
      const { names, seconds } = criticalPath(phases);
      const budgets = new Map(phases.map(({ name, budget }) => [name, Number.parseInt(budget ?? '0', 10)]));
      expect(names.reduce((sum, name) => sum + (budgets.get(name) ?? 0), 0)).toBe(seconds);
      for (const [index, name] of names.entries()) {
        const needs = phases.find((each) => each.name === name)?.needs ?? [];
        if (index === 0) expect(needs).toEqual([]);
        else expect(needs).toContain(names[index - 1]);
      }
      const ends = new Map<string, number>();
      for (const { name, needs } of dependencyOrder(phases)) {
        ends.set(name, Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)) + (budgets.get(name) ?? 0));
      }
      expect(seconds).toBe(Math.max(0, ...ends.values()));
    }),
  );
});
