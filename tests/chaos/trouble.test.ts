import { TROUBLES, troubles } from './trouble.ts';

/** The two that wait for nothing; `npm run chaos -- trouble` plays them all. */
const SHORTEST = [/^us-east-1 returns as promote-postgresql begins/, /^the store of the lease is dead/];
const TIMEOUT_MS = 400_000;

test.each(SHORTEST)(
  '%s',
  async (name) => {
    const one = Object.values(TROUBLES)
      .flat()
      .filter((trouble) => name.test(trouble.name));
    expect(one).toHaveLength(1);
    for await (const { wrong } of troubles(one, AbortSignal.timeout(TIMEOUT_MS - 30_000))) expect(wrong).toBeNull();
  },
  TIMEOUT_MS,
);
