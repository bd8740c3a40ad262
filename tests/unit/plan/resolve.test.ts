import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Communication } from '../../../plan/communication.ts';
import { resolveRecoveryPlan } from '../../../plan/resolve.ts';
import { fixtures } from '../../support/plan/fixtures.ts';

const { plan, environment } = fixtures();

test('the hash is SHA-256 of the canonical JSON of everything else', () => {
  const { hash, ...rest } = resolveRecoveryPlan(plan, environment);
  expect(hash).toBe(
    createHash('sha256')
      .update(canonicalize(rest) ?? '')
      .digest('hex'),
  );
});

test('the hash is the same whatever the order of keys, and after a trip through JSON', () => {
  const { hash } = resolveRecoveryPlan(plan, environment);
  const reversed = Object.fromEntries(Object.entries(plan).reverse()) as typeof plan;
  expect(resolveRecoveryPlan(reversed, structuredClone(environment)).hash).toBe(hash);
  const { hash: travelled, ...rest } = JSON.parse(JSON.stringify(resolveRecoveryPlan(plan, environment)));
  expect(
    createHash('sha256')
      .update(canonicalize(rest) ?? '')
      .digest('hex'),
  ).toBe(travelled);
});

test.each([
  ['a budget', (text: string) => text.replace('budget: 30s', 'budget: 31s')],
  ['who may approve', (text: string) => text.replace('require: [on-call-sre]', 'require: [vp-engineering]')],
  ["an approver's key", (text: string) => text.replace('gmmU vp', 'gmmV vp')],
  ['an endpoint', (text: string) => text.replace('port: 5432', 'port: 5433')],
])('the hash changes with %s', (_, edit) => {
  const changed = fixtures(edit);
  const { hash } = resolveRecoveryPlan(plan, environment);
  expect(resolveRecoveryPlan(changed.plan, changed.environment).hash).not.toBe(hash);
});

test('durations of objectives become seconds, wiring gets its defaults', () => {
  const resolved = resolveRecoveryPlan(plan, environment);
  expect(resolved.objectives).toEqual({ recoveryTimeSeconds: 300, dataLossSeconds: 10 });
  expect(resolved.components['database']).toMatchObject({
    name: 'database',
    provider: 'postgres-streaming',
    wiring: { shared: { tls: 'verify-full' }, regions: { 'us-east-1': { host: '127.0.0.10', port: 5432 } } },
  });
});

test('overrides of the environment win over the plan', () => {
  const authority = { ...plan.authority, rules: [{ when: 'always' as const, require: ['on-call-sre'] }] };
  const objectives = { recoveryTime: '10m', dataLoss: '1m' };
  const overrides = { watch: '3s', gateExpires: '1m', objectives, authority };
  const resolved = resolveRecoveryPlan(plan, { ...environment, overrides });
  expect(resolved.scenarios['region-failover']).toMatchObject({
    watch: '3s',
    gate: { expires: '1m', drift: { dataLoss: '30s' } },
  });
  expect(resolved.objectives).toEqual({ recoveryTimeSeconds: 600, dataLossSeconds: 60 });
  expect(resolved.authority.rules).toEqual(authority.rules);
});

test('an environment may tell other people, in words of its own', () => {
  const communication = Communication.parse({ commander: 'vp-engineering' });
  const resolved = resolveRecoveryPlan(plan, { ...environment, overrides: { communication } });
  expect(resolved.communication).toEqual(communication);
  expect(resolved.hash).not.toBe(resolveRecoveryPlan(plan, environment).hash);
  expect(resolveRecoveryPlan(plan, environment).communication.commander).toBe('on-call-sre');
});

describe('the decision matrix', () => {
  const allowed = structuredClone(plan);
  for (const rule of allowed.decisions.rules) rule.withoutApproval = rule.action === 'region-failover';
  const rulesOf = (of: typeof plan, change: Partial<typeof environment>) =>
    resolveRecoveryPlan(of, { ...environment, ...change }).decisions;

  test('takes durations from the environment, rule by rule', () => {
    const decisions = { lookEvery: '2s', rules: { 'region-lost': { for: '0s' }, 'standby-behind': { over: '30s' } } };
    const resolved = rulesOf(plan, { overrides: { decisions } });
    expect(resolved).toMatchObject({ lookEvery: '2s', unknownFor: '5m', blockFor: '1h', maintenance: [] });
    expect(resolved.rules.map(({ name, for: long, over }) => [name, long, over])).toEqual([
      ['standby-behind', '0s', '30s'],
      ['region-lost', '0s', undefined],
      ['cache-failing', '0s', undefined],
    ]);
  });

  test.each([
    ['neither says so', plan, [], false],
    ['only the plan does', allowed, [], false],
    ['only the environment does', plan, ['region-lost'], false],
    ['both do', allowed, ['region-lost'], true],
  ])('starts without approval only where plan and environment say so: %s', (_, of, startWithoutApproval, expected) => {
    const { rules } = rulesOf(of, { startWithoutApproval });
    expect(rules.some(({ withoutApproval }) => withoutApproval)).toBe(expected);
  });
});
