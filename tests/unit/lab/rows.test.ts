import type { Played } from '../../../lab/gameday/play-rows.ts';
import { ROWS, rowNamed, rowsOfPlan } from '../../../lab/gameday/rows/index.ts';
import { tableOf } from '../../../lab/gameday/table.ts';
import { SHAPES } from '../../../lab/shapes/index.ts';

const [first] = ROWS;

test('every row has a name of its own, and a shape that exists', () => {
  const names = ROWS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const shapes = SHAPES.map(({ name }) => name);
  for (const { shape } of ROWS) expect(shapes).toContain(shape);
});

test('rows are chosen by name and by plan; an unknown one is answered with those that are known', () => {
  expect(rowNamed('teei-1')).toBe(first);
  expect(rowsOfPlan(first.plan)).toContain(first);
  expect(() => rowNamed('flood')).toThrow(/there is no row "flood"; there are: teei-1, switchover/);
  expect(() => rowsOfPlan('shop')).toThrow('no row follows a plan "shop"; there are rows of: ');
});

test('the table says of each row how it went, and why it failed', () => {
  const failed = { name: 'never two writers', passed: false, seen: '3 writes' };
  const played: Played[] = [
    { row: first, passed: false, seconds: 12.3, error: null, result: { report: null, checks: [failed] } },
    { row: rowNamed('self-heal'), passed: true, seconds: 30, error: null, result: { report: null, checks: [] } },
    { row: rowNamed('abort'), passed: false, seconds: 1, error: 'Prometheus is silent', result: null },
  ];
  const [head = '', ...lines] = tableOf(played).map((line) => line.split(/ {2,}/));
  expect(head).toEqual(['row', 'plan', 'result', 'outcome', 'recovery time', 'data loss', 'took', 'why']);
  expect(lines.map((cells) => [cells[0], cells[2], cells[6], cells[7]])).toEqual([
    ['teei-1', 'FAILED', '12 s', 'never two writers: 3 writes'],
    ['self-heal', 'passed', '30 s', undefined],
    ['abort', 'FAILED', '1 s', 'Prometheus is silent'],
  ]);
});
