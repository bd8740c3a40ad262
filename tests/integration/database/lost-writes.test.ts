import { loseWrites, RECEIVERS } from '../../chaos/lost-writes.ts';

/** `npm run chaos -- lost-writes` does it many times. */
test.each(RECEIVERS)(
  'commits that waited for a receiver that is not the promoted standby (%s) are reported as lost',
  async (receiver) => {
    const { missing, seconds, method } = await loseWrites(receiver);
    expect(missing).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThan(0);
    expect(method).toMatch(/^at most from the newest commit here/);
  },
  90_000,
);
