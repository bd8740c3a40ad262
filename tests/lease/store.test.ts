import type { Lease } from '../../activities/lease/lease.ts';
import { provisionBucket } from '../../lab/provision/bucket.ts';
import { TwoRegions } from '../database/two-regions.ts';

const lease = (holder: string): Lease => ({
  holder,
  epoch: 1,
  recovery: null,
  renewedAt: new Date().toISOString(),
  ttlMs: 4_000,
  walPosition: null,
  timeline: null,
  synchronous: null,
  final: null,
  previous: null,
  handOver: null,
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

  test('a store that does not answer is an error, neither "no lease" nor "lost"', async () => {
    regions.signal('third-place', 'SIGSTOP');
    const store = regions.store();
    await expect(store.read()).rejects.toThrow(/cannot read the lease lifeboat\/leases/);
    await expect(store.write(lease('a'), null)).rejects.toThrow(/cannot write the lease/);
    regions.signal('third-place', 'SIGCONT');
    store.close();
  }, 20_000);
});
