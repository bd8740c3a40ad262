import { standbyNames } from '../../../guard/standby-names.ts';

test.each([
  ['', 'FIRST 1 (lifeboat_guard)'],
  ['eu', 'FIRST 2 (lifeboat_guard, eu)'],
  ['"eu-central-1"', 'FIRST 2 (lifeboat_guard, "eu-central-1")'],
  ['FIRST 2 ("eu-central-1", "a ""b"", c")', 'FIRST 3 (lifeboat_guard, "eu-central-1", "a ""b"", c")'],
  ['any 2 (a, b)', 'FIRST 3 (lifeboat_guard, a, b)'],
  ['1(a)', 'FIRST 2 (lifeboat_guard, a)'],
])("what the operator set, '%s', is needed as well as the guard", (set, expected) => {
  expect(standbyNames(set)).toBe(expected);
});

test.each(['a, b', 'FIRST 1 (a, b)', 'ANY 1 (a, b)', '*', '"*"', 'FIRST 2 (a, *)', 'FIRST 2 (a)'])(
  "'%s' would let others take the place of the guard",
  (set) => expect(() => standbyNames(set)).toThrow(`is '${set}'`),
);
