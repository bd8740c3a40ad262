import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { CallFaults } from '../../chaos/calls/call-faults.ts';
import { chance, faultOf, KINDS, type Kind } from '../../chaos/calls/choice.ts';
import { refusalOf } from '../../chaos/calls/refusal.ts';

const call = { step: 'unknown', attempt: 1, number: 1 };

/** Seeds under which the first call of an activity fails in one way. */
const seedOf = (kind: Kind): string => {
  for (let seed = 0; ; seed++) if (faultOf(`${seed}`, 1, call) === kind) return `${seed}`;
};

describe('the choice of calls that fail', () => {
  test('follows from the seed, and is as frequent as it is told to be', () => {
    const some = Array.from({ length: 20_000 }, (_, number) => faultOf('seed', 0.005, { ...call, number }));
    const again = Array.from({ length: 20_000 }, (_, number) => faultOf('seed', 0.005, { ...call, number }));
    expect(again).toEqual(some);
    const failing = some.filter((kind) => kind !== null);
    expect(failing.length).toBeGreaterThan(60);
    expect(failing.length).toBeLessThan(140);
    expect(new Set(failing)).toEqual(new Set(KINDS));
  });

  test('chances are spread from 0 to 1', () => {
    const mean = Array.from({ length: 1_000 }, (_, n) => chance('mean', n)).reduce((sum, one) => sum + one) / 1_000;
    expect(mean).toBeCloseTo(0.5, 1);
  });
});

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\n', /^HTTP\/1\.1 503/],
  ['an AWS client', 'POST / HTTP/1.1\r\namz-sdk-invocation-id: 1\r\n', /^HTTP\/1\.1 429.*Throttling/s],
  ['Redis', '*1\r\n$4\r\nPING\r\n', /^-LOADING/],
  ['PostgreSQL', '\0\0\0\x50\0\x03\0\0user', /^E.*57P01/s],
])('%s is refused in its own words', (_, opening, words) => {
  expect(refusalOf(opening, opening)?.answer).toMatch(words);
});

describe('a call of an activity', () => {
  const faults = new CallFaults(1);
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('done');
  });
  let url = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    faults.end();
    server.closeAllConnections();
    server.close();
  });

  /** As a worker with the interceptor would run it. */
  function underFaults<T>(kind: Kind, act: () => Promise<T>): Promise<T> {
    faults.arm(seedOf(kind));
    return new MockActivityEnvironment({ activityType: 'unknown', attempt: 1 }).run(async () => {
      const { execute } = faults.interceptor(Context.current()).inbound;
      return (await execute?.({ args: [], headers: {} }, act)) as T;
    });
  }

  const ask = async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    return `${answer.status} ${await answer.text()}`;
  };

  test('fails before it is sent', async () => {
    await expect(underFaults('unsent', ask)).rejects.toThrow('fetch failed');
    expect(seen).toHaveLength(0);
  });

  test.each(['unanswered', 'silent'] as const)('is done and %s', async (kind) => {
    await expect(underFaults(kind, ask)).rejects.toThrow(kind === 'silent' ? 'timeout' : 'fetch failed');
    expect(seen).toHaveLength(1);
  });

  test('is refused', async () => {
    expect(await underFaults('refused', ask)).toMatch(/^503 /);
    expect(seen).toHaveLength(0);
    const { calls, injected } = faults.disarm();
    expect({ calls, injected: injected.map((one) => one.call) }).toEqual({
      calls: 1,
      injected: ['unknown 1.1: GET / HTTP/1.1'],
    });
  });

  test('to DNS fails as questions do', async () => {
    await expect(underFaults('refused', () => new Resolver().resolve4('a.test'))).rejects.toThrow('ESERVFAIL');
  });

  test('of anybody else does not fail', async () => {
    faults.arm(seedOf('unsent'));
    expect(await ask()).toBe('200 done');
  });
});
