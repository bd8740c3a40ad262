import { judgeErrors, windowSeconds } from '../../../../activities/verify/customer-errors.ts';
import { judge, otherNames } from '../../../../activities/verify/dns.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';

test.each([
  ['sum(rate(errors[5s])) / sum(rate(requests[5s]))', 5],
  ['rate(errors[1m30s])', 90],
  ['max_over_time(rate(errors[1m])[10m:30s])', 600],
  ['rate(errors{code=~"5.."}[500ms])', 0.5],
  ['rate(a[2h]) + rate(b[1d])', 86_400],
  ['error_ratio{region="[5s"}', 5],
  ['error_ratio', 0],
])('%s looks back %d s', (query, seconds) => {
  expect(windowSeconds(query)).toBe(seconds);
});

test.each([
  [40, 5, { outcome: 'failed', detail: '40.0 % of client requests fail, more than 5 %' }],
  [5, 5, { outcome: 'passed', detail: '5.0 % of client requests fail' }],
  [0.1, 0, { outcome: 'failed', detail: '0.1 % of client requests fail, more than 0 %' }],
  [0, undefined, { outcome: 'unknown', detail: '0.0 % of client requests fail; the plan names no limit' }],
])('%d %% of failing requests, with a limit of %s', (percent, limit, expected) => {
  expect(judgeErrors(percent, limit)).toEqual(expected);
});

describe('where a name leads', () => {
  const OWN = ['10.1.0.1', '10.1.0.2'];
  const verdict = (...answers: Parameters<typeof judge>[0]) => judge(answers, OWN, 'api.example.com', 'eu-central-1');

  test('every server says the region', () => {
    expect(
      verdict({ server: 'one', addresses: ['10.1.0.2'] }, { server: 'two', addresses: ['10.1.0.1', '10.1.0.2'] }),
    ).toEqual({
      address: '10.1.0.2',
      finding: { outcome: 'passed', detail: 'api.example.com leads to 10.1.0.2, 10.1.0.1 in eu-central-1' },
    });
  });

  test('one server that still says another region is one too many', () => {
    expect(verdict({ server: 'one', addresses: ['10.1.0.1'] }, { server: 'two', addresses: ['10.9.0.1'] })).toEqual({
      address: null,
      finding: { outcome: 'failed', detail: 'api.example.com leads to 10.9.0.1 by two, not to eu-central-1' },
    });
  });

  test('one address of another region among good ones is one too many', () => {
    expect(verdict({ server: 'one', addresses: ['10.1.0.1', '10.9.0.1'] }).finding.outcome).toBe('failed');
  });

  test('a server that is silent is told of and does not decide', () => {
    expect(verdict({ server: 'one', error: 'ETIMEOUT' }, { server: 'two', addresses: ['10.1.0.1'] }).finding).toEqual({
      outcome: 'passed',
      detail: 'api.example.com leads to 10.1.0.1 in eu-central-1; without an answer: one: ETIMEOUT',
    });
  });

  test('nobody answers', () => {
    expect(verdict({ server: 'one', error: 'ETIMEOUT' })).toEqual({
      address: null,
      finding: { outcome: 'unknown', detail: 'api.example.com: no answer (one: ETIMEOUT)' },
    });
  });

  test('an empty answer leads nowhere', () => {
    expect(verdict({ server: 'one', addresses: [] })).toMatchObject({ address: null, finding: { outcome: 'failed' } });
  });
});

test('every name that a DNS component moves is checked once, by all servers and for all values it may have', () => {
  const dns = (names: string[], resolvers: string[], values: string[]) => ({
    kind: 'dns',
    wiring: {
      shared: { records: names.map((name) => ({ name })), resolvers },
      regions: { 'eu-central-1': { values } },
    },
  });
  const plan = {
    service: { host: 'api.shop.test', resolvers: ['10.0.0.1:53'] },
    components: {
      one: dns(['API.shop.test.', 'www.shop.test', 'www.shop.test'], [], ['10.1.0.1']),
      two: dns(['www.shop.test.', 'cdn.shop.test'], ['10.0.0.2:53'], ['10.1.0.2']),
      database: { kind: 'database', wiring: {} },
    },
  } as unknown as RecoveryPlan;
  expect(otherNames(plan, 'eu-central-1')).toEqual([
    { name: 'www.shop.test', servers: ['10.0.0.1:53', '10.0.0.2:53'], values: ['10.1.0.1', '10.1.0.2'] },
    { name: 'cdn.shop.test', servers: ['10.0.0.2:53'], values: ['10.1.0.2'] },
  ]);
});
