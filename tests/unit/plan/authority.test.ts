import { askedFirst, authorityAt, authorityChangesAt, bothOf, isBusinessHours } from '../../../plan/authority.ts';
import type { Authority } from '../../../plan/schema.ts';

const AUTHORITY: Authority = {
  timeZone: 'America/New_York',
  businessHours: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00', holidays: ['2026-12-25'] },
  rules: [
    { when: 'business-hours', require: ['on-call-sre', 'vp-engineering'] },
    { when: 'other-hours', require: ['on-call-sre'], notify: { roles: ['executives'], within: '30m' } },
  ],
  abort: ['cto'],
  escalate: ['cto'],
  escalateEvery: '5m',
};

type Mode = 'live' | 'drill';

const at = (time: string, authority = AUTHORITY, scenario: string | null = null, mode: Mode = 'live') =>
  authorityAt({ authority, mode }, scenario, new Date(time));

test('business hours ask for two people and tell nobody', () => {
  const verdict = at('2026-06-10T15:00:00Z');
  expect(verdict).toMatchObject({
    businessHours: true,
    requiredRoles: ['on-call-sre', 'vp-engineering'],
    notify: null,
  });
});

test('nights ask for one and tell executives within 30 minutes', () => {
  const verdict = at('2026-06-10T03:00:00Z');
  expect(verdict).toMatchObject({ businessHours: false, requiredRoles: ['on-call-sre'] });
  expect(verdict.notify).toEqual({ roles: ['executives'], within: '30m' });
});

test.each([
  ['2026-06-10T12:59:59Z', false, 'a second before nine in summer'],
  ['2026-06-10T13:00:00Z', true, 'nine in summer'],
  ['2026-06-10T20:59:59Z', true, 'a second before five'],
  ['2026-06-10T21:00:00Z', false, 'five: the closing minute is outside'],
  ['2026-01-14T13:30:00Z', false, 'half past eight in winter'],
  ['2026-01-14T14:00:00Z', true, 'nine in winter'],
  ['2026-03-06T13:30:00Z', false, 'the Friday before the clocks go forward'],
  ['2026-03-09T13:30:00Z', true, 'the Monday after they went forward'],
  ['2026-10-30T13:30:00Z', true, 'the Friday before the clocks go back'],
  ['2026-11-02T13:30:00Z', false, 'the Monday after they went back'],
  ['2026-06-13T15:00:00Z', false, 'Saturday'],
  ['2026-06-15T01:00:00Z', false, 'Sunday evening there, Monday in UTC'],
  ['2026-12-25T15:00:00Z', false, 'a holiday'],
])('%s is business hours: %s (%s)', (time, expected) => {
  expect(isBusinessHours(AUTHORITY, new Date(time))).toBe(expected);
});

test('hours that run past midnight belong to the day on which they began', () => {
  const night = { ...AUTHORITY.businessHours, from: '22:00', to: '06:00', holidays: ['2026-06-11'] };
  const authority = { ...AUTHORITY, timeZone: 'UTC', businessHours: night };
  const open = (time: string) => isBusinessHours(authority, new Date(time));
  expect(open('2026-06-12T23:00:00Z')).toBe(true);
  expect(open('2026-06-13T05:59:00Z')).toBe(true);
  expect(open('2026-06-13T23:00:00Z')).toBe(false);
  expect(open('2026-06-14T05:00:00Z')).toBe(false);
  expect(open('2026-06-12T05:00:00Z')).toBe(false);
});

test('"always" decides at every hour, and the first match wins', () => {
  const rules: Authority['rules'] = [{ when: 'always', require: ['on-call-sre'] }, ...AUTHORITY.rules];
  expect(at('2026-06-10T15:00:00Z', { ...AUTHORITY, rules }).requiredRoles).toEqual(['on-call-sre']);
});

test('without a rule for the hour every role is asked for, never none', () => {
  const rules = AUTHORITY.rules.slice(0, 1);
  const verdict = at('2026-06-10T03:00:00Z', { ...AUTHORITY, rules });
  expect(verdict).toMatchObject({ rule: null, requiredRoles: ['on-call-sre', 'vp-engineering'] });
});

describe('rules for some scenarios, and for drills', () => {
  const rules: Authority['rules'] = [
    { when: 'always', mode: 'drill', scenarios: ['switchover'], require: [] },
    { when: 'always', scenarios: ['restore'], require: ['on-call-sre', 'cto'] },
    ...AUTHORITY.rules,
  ];
  const authority = { ...AUTHORITY, rules };
  const night = '2026-06-10T03:00:00Z';

  test('a rule for a scenario decides on that scenario only', () => {
    expect(at(night, authority, 'restore').requiredRoles).toEqual(['on-call-sre', 'cto']);
    expect(at(night, authority, 'region-failover').requiredRoles).toEqual(['on-call-sre']);
    expect(at(night, authority, null).requiredRoles).toEqual(['on-call-sre']);
  });

  test('a drill may need nobody to start, and what is asked later is asked of the next rule', () => {
    const drill = at(night, authority, 'switchover', 'drill');
    expect(drill).toMatchObject({ waived: rules[0], requiredRoles: ['on-call-sre'] });
    expect(at(night, authority, 'switchover', 'live').waived).toBeNull();
    expect(at(night, authority, 'region-failover', 'drill').waived).toBeNull();
  });

  test('a live system needs somebody, whatever the plan says', () => {
    const careless = { ...AUTHORITY, rules: [{ when: 'always' as const, require: [] }, ...AUTHORITY.rules] };
    expect(at(night, careless)).toMatchObject({ waived: null, requiredRoles: ['on-call-sre'] });
  });
});

describe('when another rule begins to decide', () => {
  const changes = (from: string, minutes: number, authority = AUTHORITY) => {
    const fromMs = Date.parse(from);
    const ms = authorityChangesAt({ authority, mode: 'live' }, null, fromMs, fromMs + minutes * 60_000);
    return ms === null ? null : new Date(ms).toISOString();
  };

  test.each([
    ['2026-06-10T12:50:07Z', 30, '2026-06-10T13:00:00.000Z', 'the morning'],
    ['2026-06-10T20:59:59Z', 30, '2026-06-10T21:00:00.000Z', 'the evening'],
    ['2026-06-10T12:20:00Z', 30, null, 'not within the half hour'],
    ['2026-06-10T12:30:00Z', 30, '2026-06-10T13:00:00.000Z', 'at its very end'],
    ['2026-06-12T21:00:00Z', 7 * 24 * 60, '2026-06-15T13:00:00.000Z', 'over a weekend'],
    ['2026-03-06T22:00:00Z', 7 * 24 * 60, '2026-03-09T13:00:00.000Z', 'the Monday after the clocks went forward'],
    ['2026-10-30T21:00:00Z', 7 * 24 * 60, '2026-11-02T14:00:00.000Z', 'the Monday after they went back'],
  ])('from %s within %s min: %s (%s)', (from, minutes, expected, _when) => {
    expect(changes(from, minutes)).toBe(expected);
  });

  test('never, where one rule is for every hour', () => {
    const rules: Authority['rules'] = [{ when: 'always', require: ['cto'] }];
    expect(changes('2026-06-10T12:50:00Z', 600, { ...AUTHORITY, rules })).toBeNull();
  });
});

test.each([
  [['a'], ['a', 'b'], ['a', 'b']],
  [['a', 'b'], ['a'], ['a', 'b']],
  [
    ['a', 'a'],
    ['a', 'b'],
    ['a', 'a', 'b'],
  ],
  [['a'], ['b'], ['a', 'b']],
])('%j and %j are both satisfied by %j', (first, second, both) => {
  expect(bothOf(first, second)).toEqual(both);
});

test('what is to be done by hand is put to who is on call and to those whom a rule names for it', () => {
  const rule = { when: 'always' as const, scenarios: ['restore' as const], require: ['sre', 'cto', 'vp-engineering'] };
  const authority = { ...AUTHORITY, rules: [rule, ...AUTHORITY.rules] };
  const asked = (byHand?: string) => askedFirst({ authority, mode: 'live' }, byHand, new Date('2026-06-10T15:00:00Z'));
  expect(asked('restore')).toEqual(['cto', 'sre', 'vp-engineering']);
  expect(asked('component-failover')).toEqual(['cto']);
  expect(asked()).toEqual(['cto']);
});
