import { setImmediate } from 'node:timers/promises';
import { alongTheGraph, oneAfterAnother } from '../../../bench/recovery/forms.ts';

const phase = (name: string, ...needs: string[]) => ({ name, needs });
/** As plans write them: not in the order in which they can be done, and after an approval that has passed. */
const PHASES = [
  phase('dns', 'pods', 'stream'),
  phase('pods', 'database'),
  phase('database', 'approve'),
  phase('stream'),
];

/** Remembers when operations begin and end; each takes a few turns of the event loop. */
function stage(perPhase: Record<string, number> = {}) {
  const seen: string[] = [];
  let running = 0;
  let most = 0;
  const operationsOf = ({ name }: { name: string }) =>
    Array.from({ length: perPhase[name] ?? 1 }, (_, at) => async () => {
      const id = at === 0 ? name : `${name} ${at}`;
      seen.push(`${id} begins`);
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      running -= 1;
      seen.push(`${id} ends`);
    });
  return { seen, operationsOf, most: () => most };
}

test('one after another: each ends before the next begins, in an order that the needs allow', async () => {
  const { seen, operationsOf, most } = stage({ dns: 2 });
  await oneAfterAnother(PHASES, operationsOf);
  expect(most()).toBe(1);
  expect(seen.filter((line) => line.endsWith('begins'))).toEqual([
    'database begins',
    'stream begins',
    'pods begins',
    'dns begins',
    'dns 1 begins',
  ]);
});

test('along the graph: what needs nothing of each other goes on at the same time, what does waits', async () => {
  const { seen, operationsOf, most } = stage({ dns: 2 });
  await alongTheGraph(PHASES, operationsOf);
  const at = (line: string) => seen.indexOf(line);
  expect(most()).toBe(2);
  expect(at('stream begins')).toBeLessThan(at('database ends'));
  expect(at('dns 1 begins')).toBeLessThan(at('dns ends'));
  expect(at('pods begins')).toBeGreaterThan(at('database ends'));
  expect(at('dns begins')).toBeGreaterThan(Math.max(at('pods ends'), at('stream ends')));
});

test.each([
  ['one after another', oneAfterAnother],
  ['along the graph', alongTheGraph],
])('%s: what fails ends the whole, and what needs it is not begun', async (_, form) => {
  const begun: string[] = [];
  const operationsOf = ({ name }: { name: string }) => [
    async () => {
      begun.push(name);
      if (name === 'pods') throw new Error('no pod is ready');
    },
  ];
  await expect(form(PHASES, operationsOf)).rejects.toThrow('no pod is ready');
  expect(begun).not.toContain('dns');
});
