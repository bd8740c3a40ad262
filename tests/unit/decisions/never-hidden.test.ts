import { Plan } from '../../../plan/schema.ts';
import { type Case, lastVerdict } from '../../support/decisions/case.ts';
import { fixtures } from '../../support/plan/fixtures.ts';

const healsPart = { name: 'part', when: 'part-failing', action: 'self-heal', atMost: '10m' };
const healsCache = { name: 'cache', when: 'component-failing', action: 'wait', atMost: '10m' };
const ignoresPart = { name: 'part', when: 'part-failing', action: 'none' };
const partLost = { components: { cache: 'degraded' } } as const;
const cacheLost = { components: { cache: 'failing' } } as const;
const corrupt = { measures: { dataCorrupted: true } };
const errors = (percent: number) => ({ measures: { customerErrorsPercent: percent } });

/** What these rules make of one look, or of one every half minute from 10:00 until `to`. */
function judge(rules: unknown[], look: Partial<Case['looks'][0]>, to = '10:00') {
  const decisions = {
    ...fixtures().plan.decisions,
    rules: Plan.shape.decisions.parse({ rules }).rules,
    maintenance: [],
  };
  return lastVerdict({ about: '', plan: '', looks: [{ at: '10:00', to, ...look }] }, decisions);
}

test.each([
  ['a rule that waits', healsCache, cacheLost],
  ['a rule that lets the system heal itself', healsPart, partLost],
  ['a rule that does nothing', ignoresPart, partLost],
])('%s hides neither corrupt data nor errors of clients', (_, rule, look) => {
  expect(judge([rule], look).rule).toBe(rule.name);
  for (const measured of [corrupt, errors(20)]) {
    expect(judge([rule], { ...look, ...measured })).toMatchObject({ action: 'ask-human', rule: 'no-rule' });
  }
});

test("the plan's own rule decides what another rule would hide, in its own time", () => {
  const asks = { name: 'errors', when: 'customer-errors', overPercent: 5, for: '1m', action: 'ask-human' };
  const restores = { name: 'corrupt', when: 'data-corrupted', action: 'restore' };
  const look = { ...partLost, ...errors(20) };
  expect(judge([healsPart, asks], look)).toMatchObject({ action: 'self-heal', rule: 'part' });
  expect(judge([healsPart, asks], look, '10:01')).toMatchObject({ action: 'ask-human', rule: 'errors' });
  expect(judge([healsPart, restores], { ...partLost, ...corrupt })).toMatchObject({
    action: 'restore',
    rule: 'corrupt',
  });
});

test('how many requests may fail is what the plan says, and 5 % where it says nothing', () => {
  const asks = { name: 'errors', when: 'customer-errors', overPercent: 30, action: 'ask-human' };
  for (const look of [{}, partLost]) {
    expect(judge([healsPart, asks], { ...look, ...errors(20) }).action).not.toBe('ask-human');
    expect(judge([healsPart], { ...look, ...errors(5) }).action).not.toBe('ask-human');
    expect(judge([healsPart], { ...look, ...errors(5.1) }).action).toBe('ask-human');
  }
});

test('a rule that is about to act is held up by corrupt data, and not by errors that may come of what it acts on', () => {
  const moves = { name: 'lost', when: 'region-unreachable', for: '1m', action: 'region-failover' };
  const lost = { primary: 'lost' } as const;
  expect(judge([moves], { ...lost, ...errors(100) })).toMatchObject({ action: 'wait', rule: 'lost' });
  expect(judge([moves], { ...lost, ...errors(100) }, '10:01')).toMatchObject({ action: 'region-failover' });
  expect(judge([moves], { ...lost, ...corrupt })).toMatchObject({ action: 'ask-human', rule: 'no-rule' });
});

test('no component is failed over while the data is corrupt', () => {
  const moves = { name: 'cache', when: 'component-failing', action: 'component-failover' };
  expect(judge([moves], cacheLost).action).toBe('component-failover');
  expect(judge([moves], { ...cacheLost, ...corrupt })).toMatchObject({ action: 'restore', rule: 'cache' });
});
