import { differing, type State } from '../../../bench/storm/alerts.ts';

const states = (written: Record<string, State>) => new Map(Object.entries(written));
const SENT = states({ a: 'firing', b: 'resolved', c: 'firing' });

test('alerts that arrived in their last state are not lost', () => {
  expect(differing(SENT, states({ c: 'firing', b: 'resolved', a: 'firing' }))).toEqual([]);
});

test.each<[string, Record<string, State>, string[]]>([
  [
    'a lost firing and a lost resolution, which make the same counts',
    { a: 'resolved', b: 'firing', c: 'firing' },
    ['a', 'b'],
  ],
  ['one that is not there', { a: 'firing', b: 'resolved' }, ['c']],
  ['one in the place of another', { a: 'firing', b: 'resolved', d: 'firing' }, ['c', 'd']],
])('told apart: %s', (_, known, lost) => {
  expect(differing(SENT, states(known))).toEqual(lost);
});
