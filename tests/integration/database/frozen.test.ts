import { type Frozen, freezeAndWake } from '../../chaos/split-brain.ts';
import { TwoRegions } from '../../support/database/two-regions.ts';

/** `npm run chaos -- split-brain frozen-guard` does it many times. */
describe.each<Frozen>(['region', 'guard'])('a %s that freezes and wakes after the promotion', (frozen) => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start();
  }, 60_000);

  afterAll(() => regions?.end());

  test('has nothing acknowledged that was not made before it froze', async () => {
    const { acknowledged, onOldTimeline } = await freezeAndWake(regions, frozen);
    expect(acknowledged).toBeGreaterThanOrEqual(100);
    expect(onOldTimeline).toEqual([]);
  }, 60_000);
});
