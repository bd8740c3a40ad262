import { expiryOf } from '../../../activities/database/postgres-streaming/eyes.ts';

const renewedAt = '2026-01-01T00:00:00.300Z';
const lease = {
  holder: 'us-east-1',
  epoch: 1,
  recovery: null,
  renewedAt,
  storedAt: '2026-01-01T00:00:00.000Z',
  ttlMs: 4_000,
  walPosition: null,
  timeline: 1,
  synchronousStandbys: null,
  parameters: null,
  notReplicated: null,
  final: null,
  previous: null,
  handOver: null,
};
const SKEW_MS = 500;
const at = (ms: number) => Date.parse(renewedAt) + ms;
const TEN_MINUTES_MS = 600_000;

test('with clocks that agree: one ttl and the skew after the last renewal', () => {
  expect(expiryOf({ lease, apartMs: 0, ageMs: 20_000 }, SKEW_MS, at(21_000))).toBe(at(4_500));
});

test.each([TEN_MINUTES_MS, -TEN_MINUTES_MS])(
  'a clock of ours that is %d ms off counts by the age of the store',
  (off) => {
    const apartMs = Math.abs(off) - 1_000;
    expect(expiryOf({ lease, apartMs, ageMs: 20_000 }, SKEW_MS, at(21_000) + off)).toBe(at(5_500) + off);
  },
);

test('without a clock of the store: one ttl from now, so that no loss looks less than it is', () => {
  expect(expiryOf({ lease, apartMs: null, ageMs: null }, SKEW_MS, at(21_000))).toBe(at(25_500));
});
