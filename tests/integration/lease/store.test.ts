import { jest } from '@jest/globals';
import type { Lease } from '../../../activities/lease/lease.ts';
import { apart } from '../../../activities/lease/store.ts';
import { provisionBucket } from '../../../lab/provision/bucket.ts';
import { TwoRegions } from '../../support/database/two-regions.ts';

const lease = (holder: string): Lease => ({
  holder,
  epoch: 1,
  recovery: null,
  renewedAt: new Date().toISOString(),
  storedAt: null,
  ttlMs: 4_000,
  walPosition: null,
  timeline: null,
  synchronousStandbys: null,
  parameters: null,
  notReplicated: null,
  final: null,
  previous: null,
  handOver: null,
});

test('clocks are apart by no less than what two moments and a whole second leave open', () => {
  const told = Date.parse('2026-01-01T00:00:10Z');
  expect(apart(told, told, told + 20)).toBe(0);
  expect(apart(told, told + 1_000, told + 1_020)).toBe(0);
  expect(apart(told, told + 1_300, told + 1_320)).toBe(300);
  expect(apart(told, told - 320, told - 300)).toBe(300);
  expect(apart(Number.NaN, told, told)).toBeNull();
});

describe('the lease in object storage', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start({ only: [] });
    await provisionBucket(regions.context('us-east-1').wiring);
  }, 60_000);

  afterAll(() => regions?.end());

  test('of writers at the same time exactly one wins, from nothing and from what it was', async () => {
    const store = regions.store();
    expect(await store.read()).toBeNull();
    const race = async (expected: string | null) => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      const etags = await Promise.all(names.map((name) => store.write(lease(name), expected)));
      const winner = names.filter((_, index) => etags[index] !== null);
      expect(winner).toHaveLength(1);
      const stored = await store.read();
      expect(stored?.lease.holder).toBe(winner[0]);
      return stored?.etag ?? null;
    };
    let etag = await race(null);
    for (let round = 0; round < 10; round++) etag = await race(etag);
    store.close();
  });

  test('it says when it took the lease, and how far our clock is from its own', async () => {
    const store = regions.store();
    const before = await store.read();
    const earliest = Date.now();
    await store.write(lease('f'), before?.etag ?? null);
    const latest = Date.now();
    const stored = await store.read();
    // In whole seconds.
    const storedAt = Date.parse(stored?.lease.storedAt ?? '');
    expect(storedAt).toBeGreaterThan(earliest - 1_000);
    expect(storedAt).toBeLessThanOrEqual(latest);
    expect(stored?.apartMs).toBe(0);
    const { now: rightNow } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => rightNow() + 600_000);
    const early = await store.read();
    clock.mockRestore();
    expect(early?.apartMs).toBeGreaterThan(590_000);
    expect(early?.apartMs).toBeLessThanOrEqual(600_000);
    store.close();
  });

  test('a store that does not answer is an error, neither "no lease" nor "lost"', async () => {
    regions.signal('third-place', 'SIGSTOP');
    const store = regions.store(1_000);
    await expect(store.read()).rejects.toThrow(/cannot read the lease lifeboat\/leases/);
    await expect(store.write(lease('a'), null)).rejects.toThrow(/cannot write the lease/);
    regions.signal('third-place', 'SIGCONT');
    store.close();
  }, 20_000);
});
