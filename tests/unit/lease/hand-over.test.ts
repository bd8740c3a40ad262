import type { Claim } from '../../../activities/lease/claim.ts';
import { askHandOver } from '../../../activities/lease/hand-over.ts';
import type { Lease } from '../../../activities/lease/lease.ts';
import { proofOfStop } from '../../../activities/lease/proof.ts';
import { type Rebuild, whyNotRebuild } from '../../../activities/lease/rebuild.ts';

const lease: Lease = {
  holder: 'us-east-1',
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
const wanted: Claim = {
  from: 'us-east-1',
  to: 'eu-central-1',
  epoch: 100,
  recovery: 'recovery/teei-csr/one',
  ttlMs: 4_000,
  at: '2026-01-01T00:01:00.000Z',
};
const final = { walPosition: '0/4000028', timeline: 1 };
const asked: Lease = { ...lease, handOver: { recovery: wanted.recovery, epoch: 100 } };

describe('asking the holder to hand over', () => {
  test('leaves everything else in the lease as it was', () => {
    expect(askHandOver(lease, wanted)).toEqual({ kind: 'ask', next: asked });
  });
  test('is not done twice', () => expect(askHandOver(asked, wanted).kind).toBe('asked'));
  test('is done once the holder says where its log ended', () => {
    expect(askHandOver({ ...asked, final }, wanted)).toEqual({ kind: 'done', final });
  });
  test('is still known to be done when the lease has moved', () => {
    const { handOver: _, previous: __, epoch: ___, recovery: ____, ...term } = { ...asked, final };
    const taken = { ...lease, holder: 'eu-central-1', epoch: 100, recovery: wanted.recovery, previous: term };
    expect(askHandOver(taken, wanted)).toEqual({ kind: 'done', final });
    expect(askHandOver({ ...taken, previous: { ...term, final: null } }, wanted).kind).toBe('refused');
  });
  test('takes over what an earlier recovery asked for, and was given', () => {
    const earlier = { ...lease, final, handOver: { recovery: 'earlier', epoch: 50 } };
    expect(askHandOver(earlier, wanted)).toMatchObject({ kind: 'ask', next: { final, handOver: { epoch: 100 } } });
  });
  test.each([
    ['there is no lease', null],
    ['the lease names another region', { ...lease, holder: 'ap-south-1' }],
    ['a later recovery has moved it', { ...lease, epoch: 101, recovery: 'later' }],
    ['a later recovery has asked', { ...lease, handOver: { recovery: 'later', epoch: 101 } }],
  ])('is refused when %s', (_, current) => expect(askHandOver(current, wanted).kind).toBe('refused'));
});

test('a holder that has handed over has stopped, however short ago it renewed', () => {
  const previous = { ...lease, final };
  const proof = proofOfStop({
    previous,
    seenTakenForMs: 0,
    nowMs: Date.parse(lease.renewedAt),
    apartMs: 0,
    clockSkewMs: 500,
  });
  expect(proof).toMatchObject({ proved: true, evidence: expect.stringContaining('0/4000028') });
});

describe('a guard rebuilds', () => {
  const moved: Lease = { ...lease, holder: 'eu-central-1', epoch: 100, recovery: wanted.recovery };
  const rebuild: Rebuild = {
    primary: 'eu-central-1',
    recovery: wanted.recovery,
    epoch: 100,
    way: 'least',
    state: 'asked',
    detail: '',
    at: wanted.at,
  };
  const why = (of: Lease, change: Partial<Rebuild> = {}) => whyNotRebuild('us-east-1', of, { ...rebuild, ...change });

  test('when the lease names the region that it is to follow', () => expect(why(moved)).toBeNull());
  test('again when it was interrupted', () => expect(why(moved, { state: 'working' })).toBeNull());
  test.each([
    ['it holds the lease itself', lease, {}],
    ['the lease names a third region', { ...moved, holder: 'ap-south-1' }, {}],
    ['the request is older than the lease', moved, { epoch: 99 }],
    ['it has been done', moved, { state: 'done' as const }],
    ['it has failed', moved, { state: 'failed' as const }],
  ])('nothing when %s', (_, of, change) => expect(why(of, change)).not.toBeNull());
  test('nothing when nobody asks', () => expect(whyNotRebuild('us-east-1', moved, null)).not.toBeNull());
});
