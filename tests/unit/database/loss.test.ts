import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { measureLoss } from '../../../activities/database/postgres-streaming/loss.ts';
import type { ServerState } from '../../../activities/database/postgres-streaming/server-state.ts';
import {
  replayEnded,
  waitForReplay,
  whyNotYet,
} from '../../../activities/database/postgres-streaming/wait-for-replay.ts';

const previous = {
  holder: 'us-east-1',
  renewedAt: '2026-01-01T00:00:10.000Z',
  storedAt: null,
  ttlMs: 4_000,
  walPosition: '0/3000200',
  timeline: 1,
  synchronousStandbys: [],
  parameters: null,
  notReplicated: null,
  final: null,
};
const facts = {
  downSince: '2026-01-01T00:01:00.000Z',
  clockSkewMs: 500,
  previous,
  newestCommitAt: new Date('2026-01-01T00:00:09.000Z'),
  position: '0/3000100',
  standbyName: 'eu-central-1',
};
/** Commits waited for this standby, which had flushed less than it has now. */
const inStep = { name: 'eu-central-1', flushed: '0/30000f8' };
const waited = (...synchronousStandbys: { name: string; flushed: string }[]) => ({
  previous: { ...previous, synchronousStandbys },
});

test('from the newest commit to the end of the lease, which is earlier than when it was known down', () => {
  expect(measureLoss(facts)).toMatchObject({ seconds: 5, bytes: 0x100 });
});

test('to when it was known down, where that is earlier, with the clock skew on top', () => {
  expect(measureLoss({ ...facts, downSince: '2026-01-01T00:00:12.000Z' })).toMatchObject({ seconds: 3.5 });
});

test.each([
  ['its lease has ended', {}],
  ['it said that a standby was in step', waited(inStep)],
  ['it once stopped in order', { previous: { ...previous, final: { walPosition: '0/3000000', timeline: 1 } } }],
])('of an old primary that was not proved to have stopped the loss is unknown, even if %s', (_, change) => {
  expect(measureLoss({ ...facts, ...change, downSince: null })).toEqual({
    seconds: null,
    bytes: 0x100,
    method: expect.stringMatching(/^unknown: the old primary was not proved to have stopped; bytes, a lower bound/),
  });
});

test('bytes are never negative', () => {
  expect(measureLoss({ ...facts, position: '1/0' }).bytes).toBe(0);
});

test.each([
  ['seconds without a commit to count from', { newestCommitAt: null }, { seconds: null, bytes: 0x100 }],
  ['bytes without a lease', { previous: null }, { seconds: 51.5, bytes: null }],
  ['bytes without a last position', { previous: { ...previous, walPosition: null } }, { seconds: 5, bytes: null }],
])('unknown is null: %s', (_, change, expected) => {
  expect(measureLoss({ ...facts, ...change })).toMatchObject(expected);
});

test('nothing is lost when every commit waited for the very standby that was promoted', () => {
  expect(measureLoss({ ...facts, ...waited(inStep) })).toMatchObject({
    seconds: 0,
    method: expect.stringMatching(/^none: every commit waited for eu-central-1, which had flushed all of it/),
  });
  expect(measureLoss({ ...facts, ...waited({ ...inStep, name: 'EU-central-1' }) }).seconds).toBe(0);
});

test.each([
  ['another receiver, such as an archive', waited({ name: 'barman_receive_wal', flushed: '0/30000f8' })],
  ['a replica beside the primary', waited({ name: 'us-east-1b', flushed: '0/30000f8' })],
  ['one of the same name that is ahead of it', waited({ name: 'eu-central-1', flushed: '0/3000108' })],
  ['none', waited()],
  ['one that could not be asked', { previous: { ...previous, synchronousStandbys: null, parameters: null } }],
  ['one whose name this standby does not say', { ...waited(inStep), standbyName: null }],
])('commits that waited for %s may be lost', (_, change) => {
  expect(measureLoss({ ...facts, ...change }).seconds).toBe(5);
});

test('never less than the truth: any write acknowledged while the right lasted is within the loss', () => {
  const end = Date.parse(previous.renewedAt) + previous.ttlMs;
  const times = fc.tuple(fc.integer({ min: -60_000, max: 0 }), fc.nat(60_000));
  fc.assert(
    fc.property(times, ([newest, sinceNewest]) => {
      const newestCommitAt = new Date(end + newest);
      const acknowledgedAt = Math.min(end, newestCommitAt.getTime() + sinceNewest);
      const { seconds } = measureLoss({ ...facts, newestCommitAt });
      expect(seconds).toBeGreaterThanOrEqual((acknowledgedAt - newestCommitAt.getTime()) / 1000);
    }),
  );
});

describe('waiting for replay', () => {
  const asks = { mayEndSessions: false, withdrawable: true };
  const ended = (received: string | null, receiving: boolean, idle = false, waitedMs = 0, held = false) =>
    replayEnded({ position: '0/100', received, receiving, held }, idle, waitedMs);

  test('ends when the receiver has stopped and all is replayed', () => expect(ended('0/100', false)).toBe(true));
  test('goes on while something received is not replayed', () => expect(ended('0/101', false)).toBe(false));
  test('goes on while the receiver streams', () => expect(ended('0/100', true)).toBe(false));
  test('does not wait for ever for a primary that cannot be fenced', () => {
    expect(ended('0/100', true, false, 5_000)).toBe(true);
    expect(ended('0/101', true, false, 5_000)).toBe(false);
  });
  test('ends when nothing moves: the rest is half a record', () => expect(ended('0/101', false, true)).toBe(true));
  test('goes on while a session or a pause holds replay up, however long nothing moves', () => {
    expect(ended('0/101', false, true, 60_000, true)).toBe(false);
    expect(ended('0/100', false, true, 0, true)).toBe(true);
  });
  test('ends when nothing was received since the start', () => expect(ended(null, false)).toBe(true));

  test('does not take the time in which it was held for idle, when one look finds it free', async () => {
    const state = { position: '0/100', received: '0/900', receiving: false, paused: false, waitsForWal: true };
    const startedAt = performance.now();
    let freed = false;
    const look = async () => {
      const gap = !freed && performance.now() - startedAt > 1_500;
      if (gap) freed = true;
      return { ...state, heldBy: gap ? null : 'replay waits for pid 1' } as ServerState;
    };
    const environment = new MockActivityEnvironment({ startToCloseTimeoutMs: 4_000 });
    const waiting = environment.run(() => waitForReplay(look, async () => {}, asks, Date.now() + 2_500));
    await expect(waiting).rejects.toThrow(/replay waits for pid 1/);
    expect(freed).toBe(true);
  });

  describe('a session that does not hold it up yet', () => {
    const report = { pid: 4711, user: 'reporting', seconds: 600 };
    const late = { receiving: false, waitsForWal: false, waitsWithoutEnd: true, sessions: [report] };

    test('holds up what is still to be replayed, and is named', () => {
      expect(whyNotYet(late, asks)).toMatch(/may come to wait for pid 4711 of reporting, for 600 s/);
      expect(whyNotYet({ ...late, receiving: true, waitsForWal: true }, asks)).toMatch(/pid 4711/);
    });
    test('holds up nothing where nothing is left to replay', () =>
      expect(whyNotYet({ ...late, waitsForWal: true }, asks)).toBeNull());
    test('may be left to limits of PostgreSQL', () =>
      expect(whyNotYet({ ...late, waitsWithoutEnd: false }, asks)).toBeNull());
    test('may be ended where the plan says so', () =>
      expect(whyNotYet(late, { ...asks, mayEndSessions: true })).toBeNull());
    test('that began just now is left to the guard, and refused where there is none', () => {
      const young = { ...late, sessions: [] };
      expect(whyNotYet(young, asks)).toBeNull();
      expect(whyNotYet(young, { ...asks, withdrawable: false })).toMatch(/max_standby_archive_delay/);
    });
  });
});
