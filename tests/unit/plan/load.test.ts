import fc from 'fast-check';
import { stringify } from 'yaml';
import { environmentProblems, planProblems } from '../../../plan/check.ts';
import { parseEnvironment, parsePlan } from '../../../plan/load.ts';
import { fixtureText } from '../../support/plan/fixtures.ts';

const environment = (text: string, variables = {}) => parseEnvironment(text, 'test.yaml', variables);
const good = <T>(loaded: { value: T } | { problems: unknown[] }): T => {
  if (!('value' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
};

describe('variables', () => {
  const text = fixtureText('test.yaml');

  test('take the place of references, within text too', () => {
    const { service } = good(environment(text, { HOST_A: '127.0.0.9', SHOP_PORT: '9000' }));
    expect(service.port).toBe(9000);
    expect(service.regions['us-east-1']).toBe('http://127.0.0.9:8080');
  });

  test('have defaults, also when they are empty', () => {
    expect(good(environment(text, { HOST_A: '127.0.0.9', SHOP_PORT: '' })).service.port).toBe(8080);
  });

  test('cannot bring YAML with them', () => {
    const { evidence } = good(
      environment(text.replace('bucket: evidence', 'bucket: $' + '{NAME}'), { HOST_A: 'a', NAME: '{a: 1}\nb: &x 2' }),
    );
    expect(evidence.bucket).toBe('{a: 1}\nb: &x 2');
  });

  test('are left alone in plans', () => {
    const plan = fixtureText('plan.yaml').replace('title: The shop', 'title: $' + '{HOME}');
    expect(good(parsePlan(plan, 'plan.yaml')).title).toBe('$' + '{HOME}');
  });
});

test('aliases stand for their anchors', () => {
  const text = fixtureText('plan.yaml')
    .replace('require: [on-call-sre]', 'require: &sre [on-call-sre]')
    .replace('escalate: [on-call-sre, vp-engineering]', 'escalate: *sre');
  expect(good(parsePlan(text, 'plan.yaml')).authority.escalate).toEqual(['on-call-sre']);
});

test('aliases that multiply without bound are refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) =>
      `a${n}: &a${n} [${Array(9)
        .fill(n ? `*a${n - 1}` : 'x')
        .join(', ')}]`,
  );
  const { problems } = parsePlan(levels.join('\n'), 'plan.yaml');
  expect(problems).toHaveLength(1);
  expect(problems?.[0]?.message).toContain('aliases cannot be followed');
});

test('a text that is far too long is refused unread', () => {
  const { problems } = parsePlan(`# ${'x'.repeat(2_000_000)}`, 'plan.yaml');
  expect(problems?.map(({ message }) => message)).toEqual(['longer than 200000 characters']);
});

test.each([
  ['thousands of keys', Array.from({ length: 9_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['thousands of faults', '\t- x\n'.repeat(16_000)],
  ['thousands of levels', `a: ${'['.repeat(20_000)}`],
])('%s take seconds at most', (_, text) => {
  const startedAt = performance.now();
  expect(parsePlan(text, 'plan.yaml').problems?.length).toBeGreaterThan(0);
  // The library's own comparison of 9,000 keys takes four seconds on an idle machine, and more with their square.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('of many unknown keys in one map a hundred are named, and the rest is counted', () => {
  const { problems = [] } = parsePlan(
    Array.from({ length: 150 }, (_, index) => `k${index}: 1`).join('\n'),
    'plan.yaml',
  );
  const unknown = problems.filter(({ message }) => message.includes('unknown key'));
  expect(unknown).toHaveLength(101);
  expect(unknown.map(({ message }) => message)).toContain('50 more unknown keys');
});

describe('nothing that is written throws, and every problem has a place', () => {
  const judge = (text: string) => {
    const plan = parsePlan(text, 'plan.yaml');
    const wired = environment(text);
    const lines = text.split(/\r\n|\r|\n/).length;
    for (const { line, column, message } of [...planProblems(plan), ...environmentProblems(plan, wired)]) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines + 1);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message).not.toBe('');
    }
    return plan;
  };

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => judge(text).problems !== undefined));
  });

  test('any YAML', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => judge(stringify(value)).problems !== undefined));
  });

  test('a good plan in which any line is gone or garbled', () => {
    const lines = fixtureText('plan.yaml').split('\n');
    const garbled = fc.tuple(fc.nat(lines.length - 1), fc.oneof(fc.constant(''), fc.string()));
    fc.assert(
      fc.property(garbled, ([at, put]) => {
        judge(lines.map((line, index) => (index === at ? put : line)).join('\n'));
      }),
    );
  });

  test('names that every object has are names like any other', () => {
    const text = fixtureText('plan.yaml')
      .replaceAll('components: [cache]', 'components: [constructor]')
      .replace('provider: redis', 'provider: constructor')
      .replace('services: [search]', 'services: [constructor]');
    const messages = planProblems(parsePlan(text, 'plan.yaml')).map(({ message }) => message);
    expect(messages).toEqual([
      'there is no service "constructor"',
      'is in no phase of region-failover',
      'there is no provider "constructor"',
      'there is no component "constructor"',
      'there is no component "constructor"',
    ]);
  });
});

test('a plan without a database is refused: its recoveries would be', () => {
  const text = fixtureText('plan.yaml').replace(
    'kind: database\n    provider: postgres-streaming',
    'kind: cache\n    provider: redis',
  );
  expect(planProblems(parsePlan(text, 'plan.yaml')).map(({ message }) => message)).toContain(
    'no component is a database: an assessment goes by its role, and would refuse every recovery',
  );
});
