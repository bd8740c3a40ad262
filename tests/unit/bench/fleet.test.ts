import { spread } from '../../../bench/figures.ts';
import { failOverAtOnce } from '../../../bench/fleet/failovers.ts';

/** `npm run bench -- fleet` does it with 10, 100 and 1,000. */
test('systems that fail over at once all recover, and none takes more than one alone may', async () => {
  const fleet = await failOverAtOnce(4, 50, 1);
  expect(fleet).toMatchObject({ size: 4, unrecovered: 0 });
  expect(fleet.each).toHaveLength(4);
  expect(spread(fleet.histories.map(({ actions }) => actions)).max).toBeLessThanOrEqual(120);
  expect(spread(fleet.histories.map(({ events }) => events)).max).toBeLessThanOrEqual(400);
  expect(fleet.grownMegabytes / fleet.size).toBeLessThan(30);
}, 240_000);
