import { TROUBLES, troubles } from '../../chaos/trouble.ts';

/** Of those that wait for nothing, the most dangerous; `npm run chaos -- trouble` plays them all. */
const NAME = /^us-east-1 returns as promote-database begins/;
const TIMEOUT_MS = 400_000;

test(
  'a region that returns while the other one is promoted stays fenced',
  async () => {
    const one = Object.values(TROUBLES)
      .flat()
      .filter(({ name }) => NAME.test(name));
    expect(one).toHaveLength(1);
    for await (const { wrong } of troubles(one, AbortSignal.timeout(TIMEOUT_MS - 30_000))) expect(wrong).toBeNull();
  },
  TIMEOUT_MS,
);
