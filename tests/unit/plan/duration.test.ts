import { Duration, milliseconds, seconds } from '../../../plan/duration.ts';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['400d', 34_560_000_000],
])('%s is %d ms', (text, expected) => {
  expect(milliseconds(Duration.parse(text))).toBe(expected);
  expect(seconds(text)).toBe(expected / 1000);
});

test.each(['5', '5 minutes', '', '-1s', 'soon', '1w', '4000d', `${'9'.repeat(400)}d`])(
  '"%s" is not a duration',
  (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  },
);
