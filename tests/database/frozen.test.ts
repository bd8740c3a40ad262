import { freezeAndWake } from '../chaos/split-brain.ts';
import { TwoRegions } from './two-regions.ts';

describe('a region that freezes and wakes after the promotion', () => {
  let regions: TwoRegions;

  beforeAll(async () => {
    regions = await TwoRegions.start();
  }, 60_000);

  afterAll(() => regions?.end());

  /** `npm run chaos -- split-brain` does it fifty times. */
  test('is fenced by the order of events, and acknowledges nothing when it wakes', async () => {
    const { acknowledged, onOldTimeline } = await freezeAndWake(regions, 'region');
    expect(acknowledged).toBeGreaterThan(100);
    expect(onOldTimeline).toEqual([]);
  }, 60_000);
});
