import { proofOfStop } from '../../../activities/lease/proof.ts';

const previous = {
  holder: 'us-east-1',
  renewedAt: '2026-01-01T00:00:00.000Z',
  storedAt: null,
  ttlMs: 4_000,
  walPosition: null,
  timeline: 1,
  synchronousStandbys: null,
  parameters: null,
  notReplicated: null,
  final: null,
};
const at = (ms: number) => Date.parse(previous.renewedAt) + ms;

test('right after the last renewal and the taking, nothing is proved and the wait is at most the ttl', () => {
  const proof = proofOfStop({ previous, seenTakenForMs: 0, nowMs: at(0), apartMs: 0, clockSkewMs: 500 });
  expect(proof).toMatchObject({ proved: false, waitMs: 4_000 });
});

test('by clocks: only when ttl and clock skew have passed', () => {
  const after = (ms: number) =>
    proofOfStop({ previous, seenTakenForMs: 0, nowMs: at(ms), apartMs: 0, clockSkewMs: 500 });
  expect(after(4_499).proved).toBe(false);
  expect(after(4_500)).toMatchObject({ proved: false, waitMs: 1 });
  expect(after(4_501).proved).toBe(true);
});

test('by order: one ttl after it was seen taken, however wrong the clocks are', () => {
  const holderClockAhead = (seenTakenForMs: number) =>
    proofOfStop({ previous, seenTakenForMs, nowMs: at(-3_600_000), apartMs: 0, clockSkewMs: 500 });
  expect(holderClockAhead(3_999)).toMatchObject({ proved: false, waitMs: 1 });
  expect(holderClockAhead(4_000).proved).toBe(true);
});

test('by clocks, of which the storage is the witness: one that it contradicts proves nothing', () => {
  const longAfter = { previous, seenTakenForMs: 0, nowMs: at(600_000), clockSkewMs: 500 };
  expect(proofOfStop({ ...longAfter, apartMs: 500 }).proved).toBe(true);
  expect(proofOfStop({ ...longAfter, apartMs: 501 })).toMatchObject({ proved: false, waitMs: 4_000 });
  expect(proofOfStop({ ...longAfter, apartMs: null }).proved).toBe(false);
  expect(proofOfStop({ ...longAfter, apartMs: 600_000, seenTakenForMs: 4_000 }).proved).toBe(true);
});

test('by clocks: a holder whose own clock is behind has renewed when the storage took it', () => {
  const storedAt = new Date(at(600_000)).toISOString();
  const after = (ms: number) =>
    proofOfStop({
      previous: { ...previous, storedAt },
      seenTakenForMs: 0,
      nowMs: at(ms),
      apartMs: 0,
      clockSkewMs: 500,
    });
  expect(after(604_500)).toMatchObject({ proved: false, waitMs: 1 });
  expect(after(604_501).proved).toBe(true);
});

test('a previous holder that nobody knows is never proved to have stopped', () => {
  const proof = proofOfStop({ previous: null, seenTakenForMs: 1e9, nowMs: at(1e9), apartMs: 0, clockSkewMs: 0 });
  expect(proof).toMatchObject({ proved: false, waitMs: null });
});
