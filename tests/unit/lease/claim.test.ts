import { type Claim, claim } from '../../../activities/lease/claim.ts';
import type { Lease } from '../../../activities/lease/lease.ts';

const held: Lease = {
  holder: 'us-east-1',
  epoch: 1,
  recovery: null,
  renewedAt: '2026-01-01T00:00:00.000Z',
  storedAt: null,
  ttlMs: 4_000,
  walPosition: '0/3000148',
  timeline: 1,
  synchronousStandbys: [],
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
const back: Claim = { ...wanted, from: wanted.to, to: wanted.from, giveBack: true };

function taken(current: Lease | null, by: Claim): Lease {
  const verdict = claim(current, by);
  if (verdict.kind !== 'take') throw new Error(`expected to take, and was told ${JSON.stringify(verdict)}`);
  return verdict.next;
}

test('taking keeps what the lease said of the old holder', () => {
  const next = taken(held, wanted);
  expect(next).toMatchObject({ holder: 'eu-central-1', epoch: 100, recovery: wanted.recovery, timeline: null });
  expect(next.previous).toEqual({
    holder: 'us-east-1',
    renewedAt: held.renewedAt,
    storedAt: null,
    ttlMs: 4_000,
    walPosition: '0/3000148',
    timeline: 1,
    synchronousStandbys: [],
    parameters: null,
    notReplicated: null,
    final: null,
  });
});

test('a repeat finds the lease taken', () => {
  expect(claim(taken(held, wanted), wanted).kind).toBe('ours');
});

test('without a lease it is made, and says of no holder before', () => {
  expect(taken(null, wanted).previous).toBeNull();
});

test.each([
  ['a later recovery', { epoch: 101, recovery: 'later' }],
  ['another recovery of the same millisecond', { epoch: 100, recovery: 'twin' }],
])('%s that has the lease keeps it', (_, by) => {
  expect(claim({ ...held, ...by }, wanted)).toMatchObject({ kind: 'refused', type: 'LeaseLost' });
});

test('a region that takes writes already is not taken over by a second recovery', () => {
  const serving = { ...taken(held, { ...wanted, epoch: 50, recovery: 'earlier' }), timeline: 2 };
  expect(claim(serving, wanted)).toMatchObject({ kind: 'refused', type: 'AlreadyServing' });
});

test('what an earlier recovery learned of the old holder and did not use is kept', () => {
  const unused = taken(held, { ...wanted, epoch: 50, recovery: 'earlier' });
  expect(taken(unused, wanted).previous).toEqual(unused.previous);
});

test('a lease of a third region is nobody to take from', () => {
  expect(claim({ ...held, holder: 'ap-south-1' }, wanted)).toMatchObject({ kind: 'refused', type: 'FactsUnknown' });
});

test('the recovery that took the lease can give it back, and its own late fence cannot take it again', () => {
  const returned = taken({ ...taken(held, wanted), timeline: 2 }, back);
  expect(returned).toMatchObject({ holder: 'us-east-1', timeline: null, previous: { holder: 'eu-central-1' } });
  expect(claim(returned, wanted)).toMatchObject({ kind: 'refused', type: 'LeaseLost' });
});
