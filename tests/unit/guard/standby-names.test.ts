import { provedStandbys } from '../../../guard/session.ts';
import { requiredNames, standbyNames } from '../../../guard/standby-names.ts';

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

test.each([
  ['', []],
  ['FIRST 1 (lifeboat_guard)', []],
  ['FIRST 2 (lifeboat_guard, "eu-central-1")', ['eu-central-1']],
  ['FIRST 2 ("a ""b""", c)', ['a "b"', 'c']],
  ['ANY 1 (a, b)', []],
  ['a, b', []],
  ['*', []],
  ['FIRST 2 (a, A)', []],
])("'%s' makes every commit wait for %j", (setting, expected) => {
  expect(requiredNames(setting)).toEqual(expected);
});

describe('a standby is proved to have every commit', () => {
  const receiver = { name: 'eu', flushed: '0/3000100', inStep: true };

  test('when it alone has a name that is needed, and is in step', () => {
    expect(provedStandbys(['EU'], [receiver])).toEqual([{ name: 'eu', flushed: '0/3000100' }]);
  });

  test.each([
    ['two receivers share its name', ['eu'], [receiver, { ...receiver, inStep: false }]],
    ['it is not in step', ['eu'], [{ ...receiver, inStep: false }]],
    ['commits wait for another', ['archive'], [receiver]],
    ['it is not there', ['eu'], []],
  ])('but not when %s', (_, required, receivers) => {
    expect(provedStandbys(required, receivers)).toEqual([]);
  });
});
