import { type Lower, promoteLower, wrongWith } from '../../chaos/parameters.ts';

/** `npm run chaos -- parameters` does it with every setting, many times. */
test.each<Lower>(['max_connections', 'forced'])(
  'a standby with lower settings (%s) is refused in words that name them, and promoted once they are raised',
  async (lower) => {
    expect(wrongWith(lower, await promoteLower(lower))).toBeNull();
  },
  120_000,
);
