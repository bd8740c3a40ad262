import type { Lease } from '../../../activities/lease/lease.ts';
import { askAgainAfterMs, mayGoOn, mayStartPrimary, type Standing, whyWithdraw } from '../../../guard/verdict.ts';

const region = 'us-east-1';
const lease: Lease = {
  holder: region,
  epoch: 1,
  recovery: null,
  renewedAt: '2026-01-01T00:00:00.000Z',
  storedAt: null,
  ttlMs: 4_000,
  walPosition: '0/3000148',
  timeline: 1,
  synchronousStandbys: null,
  parameters: null,
  notReplicated: null,
  final: null,
  previous: null,
  handOver: null,
};
const { previous: _, epoch: __, recovery: ___, handOver: ____, ...term } = lease;
const nowMs = Date.parse(lease.renewedAt);
const other: Standing = { kind: 'other', lease: { ...lease, holder: 'eu-central-1', recovery: 'recovery/x/y' } };
const unknown: Standing = { kind: 'unknown', reason: 'no answer' };

describe('starting a server that takes writes', () => {
  const start = (standing: Standing, oursForMs = 0) =>
    mayStartPrimary({ region, standing, oursForMs, nowMs, apartMs: 0, clockSkewMs: 500 });

  test('with our own lease', () => expect(start({ kind: 'ours', lease }).allowed).toBe(true));
  test('not while the lease cannot be asked', () => expect(start(unknown).allowed).toBe(false));
  test('not without a lease', () => expect(start({ kind: 'none' }).allowed).toBe(false));
  test('not when another region has it, and says whose standby to become', () => {
    expect(start(other)).toMatchObject({ allowed: false, reason: expect.stringContaining('eu-central-1') });
  });

  describe('a lease that a recovery has given us', () => {
    const given = { ...lease, recovery: 'recovery/x/y', timeline: null, walPosition: null };
    const before = { ...term, holder: 'eu-central-1' };

    test('waits until the holder before has lost its right', () => {
      const standing: Standing = { kind: 'ours', lease: { ...given, previous: before } };
      expect(start(standing, 3_999).allowed).toBe(false);
      expect(start(standing, 4_000).allowed).toBe(true);
    });

    test('waits as long for a holder that nobody knows', () => {
      expect(start({ kind: 'ours', lease: given }, 3_999).allowed).toBe(false);
      expect(start({ kind: 'ours', lease: given }, 4_000).allowed).toBe(true);
    });
  });
});

describe('going on', () => {
  const go = (standing: Standing, remainingMs: number, takesWrites = true) =>
    mayGoOn({ region, takesWrites, standing, remainingMs, stopMs: 1_000 }).allowed;

  test('while the right lasts longer than stopping takes', () => {
    expect(go({ kind: 'ours', lease }, 1_001)).toBe(true);
    expect(go({ kind: 'ours', lease }, 1_000)).toBe(false);
  });
  test('a store that is silent changes nothing before the right runs out', () => {
    expect(go(unknown, 1_001)).toBe(true);
    expect(go(unknown, 999)).toBe(false);
  });
  test('it says that the lease is about to expire, and that PostgreSQL is stopped for it', () => {
    const verdict = (standing: Standing) => mayGoOn({ region, takesWrites: true, standing, remainingMs: 0, stopMs: 1 });
    expect(verdict({ kind: 'ours', lease })).toMatchObject({
      reason: 'lease about to expire (renewal failed): stopping PostgreSQL',
    });
    expect(verdict({ kind: 'unknown', reason: 'no answer within 2 s' })).toMatchObject({
      reason: 'lease about to expire (renewal failed: no answer within 2 s): stopping PostgreSQL',
    });
  });
  test('never with the lease in other hands', () => expect(go(other, 10_000)).toBe(false));
  test('a standby needs no lease', () => expect(go(other, Number.NEGATIVE_INFINITY, false)).toBe(true));
});

test('a store that did not answer has time to answer again before the right that is left ends', () => {
  const [ttlMs, renewMs, callMs, stopMs] = [4_000, 1_000, 1_000, 1_000];
  const again = askAgainAfterMs(unknown, renewMs);
  expect(renewMs + callMs + again + callMs / 2).toBeLessThan(ttlMs - stopMs);
  expect(askAgainAfterMs({ kind: 'ours', lease }, renewMs)).toBe(renewMs);
});

describe('a promotion that was asked for and has not come', () => {
  const pending = { takesWrites: false, asked: true, standing: { kind: 'ours', lease } as Standing, heldForMs: 0 };

  test('may come while the lease is ours', () => expect(whyWithdraw(pending)).toBeNull());
  test('is withdrawn as soon as another region has the lease', () =>
    expect(whyWithdraw({ ...pending, standing: other })).toMatch(/withdraws the promotion/));
  test('is withdrawn when sessions hold it up for long', () => {
    expect(whyWithdraw({ ...pending, heldForMs: 9_000 })).toBeNull();
    expect(whyWithdraw({ ...pending, heldForMs: 10_000 })).toMatch(/has waited 10 s for sessions/);
  });
  test('is none where none was asked for, or it has come', () => {
    expect(whyWithdraw({ ...pending, asked: false, standing: other, heldForMs: 60_000 })).toBeNull();
    expect(whyWithdraw({ ...pending, takesWrites: true, standing: other })).toBeNull();
  });
});
