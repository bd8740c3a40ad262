import { combineFacts, countFrom, drifted, factsDigest } from '../../../plan/combine-facts.ts';
import type { Health, RegionFacts, VantageFacts } from '../../../plan/facts.ts';

const FROM = 'us-east-1';
const TO = 'eu-central-1';
const AT = '2026-01-01T00:00:10.000Z';

const dead: RegionFacts = {
  region: FROM,
  serviceReachable: false,
  databaseReachable: false,
  databaseRole: null,
  timeline: null,
  walPosition: null,
  replayAgeSeconds: null,
  remarks: [],
};
const standby: RegionFacts = {
  region: TO,
  serviceReachable: true,
  databaseReachable: true,
  databaseRole: 'standby',
  timeline: 1,
  walPosition: '0/3000100',
  replayAgeSeconds: 7,
  remarks: [],
};
const lease = {
  holder: FROM,
  renewedAt: '2026-01-01T00:00:03.000Z',
  expiresAt: '2026-01-01T00:00:07.500Z',
  walPosition: '0/3000200',
};

interface Change {
  from?: Partial<RegionFacts>;
  to?: Partial<RegionFacts>;
  vantage?: Partial<VantageFacts>;
}

function seen({ from = {}, to = {}, vantage = {} }: Change = {}): VantageFacts {
  const regions = [
    { ...dead, ...from },
    { ...standby, ...to },
  ];
  return { vantage: 'third-place', observedAt: AT, regions, servingRegions: [FROM], lease, ...vantage };
}

const facts = (...changes: Change[]) => combineFacts(changes.map(seen), FROM, TO);

describe('is the failing region unreachable', () => {
  const unreachable = (...from: Partial<RegionFacts>[]) =>
    facts(...from.map((change) => ({ from: change }))).fromUnreachable;

  test('yes, when all vantage points say so', () => expect(unreachable({}, {})).toBe(true));
  test('no, when one reaches its service', () => expect(unreachable({}, { serviceReachable: true })).toBe(false));
  test('no, when one reaches its database', () => expect(unreachable({}, { databaseReachable: true })).toBe(false));
  test('unknown, when one cannot tell', () => expect(unreachable({}, { serviceReachable: null })).toBeNull());
  test('unknown, when nobody looked', () => expect(unreachable()).toBeNull());
  test('unknown, when one alone looked and does not reach it', () => expect(unreachable({})).toBeNull());
  test('no, when one alone looked and reaches it', () => expect(unreachable({ serviceReachable: true })).toBe(false));
});

describe('is the standby ready', () => {
  const ready = (...to: Partial<RegionFacts>[]) => facts(...to.map((change) => ({ to: change }))).standbyReady;
  const unasked = { databaseReachable: null, databaseRole: null } as const;

  test('yes, when it says that it is a standby', () => expect(ready({})).toBe(true));
  test('no, when it is a primary', () => expect(ready({ databaseRole: 'primary' })).toBe(false));
  test('unknown, when nobody can ask it', () => expect(ready(unasked, unasked)).toBeNull());
  test('unknown, when it does not answer', () => {
    expect(ready({ databaseReachable: false, databaseRole: null })).toBeNull();
  });
  test('unknown, when it answers and lets nobody in', () => {
    expect(ready({ databaseReachable: true, databaseRole: null })).toBeNull();
  });
});

describe('what would be lost', () => {
  test('the age of the newest replayed write, less the time since the lease ran out', () => {
    expect(facts({}).expectedDataLossSeconds).toBe(4.5);
  });
  test('stays the same while people decide, once the region is dead', () => {
    const later = { to: { replayAgeSeconds: 67 }, vantage: { observedAt: '2026-01-01T00:01:10.000Z' } };
    expect(facts(later).expectedDataLossSeconds).toBe(4.5);
  });
  test('the worst that any vantage point saw', () => {
    expect(facts({}, { to: { replayAgeSeconds: 9 } }).expectedDataLossSeconds).toBe(6.5);
  });
  test('bytes that the lease knows of and the standby has not', () => {
    expect(facts({}).expectedDataLossBytes).toBe(0x100);
  });
  test('unknown is null, never 0', () => {
    const blind = facts({ to: { replayAgeSeconds: null, walPosition: null }, vantage: { lease: null } });
    expect(blind).toMatchObject({ expectedDataLossSeconds: null, expectedDataLossBytes: null });
    expect(facts({ vantage: { lease: null } })).toMatchObject({
      expectedDataLossSeconds: 7,
      expectedDataLossBytes: null,
    });
  });
});

test('the name leads wherever any vantage point says', () => {
  expect(facts({}, { vantage: { servingRegions: [TO] } }).servingRegions).toEqual([TO, FROM]);
});

describe('the digest', () => {
  test('is the same for the same facts, whatever the order of keys', () => {
    const some = facts({});
    const turned = Object.fromEntries(Object.entries(some).reverse()) as unknown as typeof some;
    expect(factsDigest(turned)).toBe(factsDigest(some));
    expect(factsDigest(some)).toMatch(/^[0-9a-f]{64}$/);
  });
  test('differs when a fact differs', () => {
    expect(factsDigest(facts({ to: { databaseRole: 'primary' } }))).not.toBe(factsDigest(facts({})));
  });
});

describe('drift', () => {
  /** The same from both vantage points. */
  const both = (change: Change) => facts(change, change);
  const drift = (change: Change, before: Change = {}) => drifted(both(before), both(change), { dataLoss: '2s' });
  const measured = (dataCorrupted: boolean | null): Change => ({
    vantage: { measures: { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted } },
  });
  const cache = (region: string, health: Health): Change => ({
    to: { components: [{ component: 'cache', kind: 'cache', region, health, detail: '' }] },
  });

  test('none within the bounds of the plan', () => {
    expect(drift({})).toBeNull();
    expect(drift({ to: { replayAgeSeconds: 9 } })).toBeNull();
    expect(drift(measured(false))).toBeNull();
    expect(drift(cache(TO, 'degraded'))).toBeNull();
    expect(drift(cache(FROM, 'failing'))).toBeNull();
  });
  test('none when it becomes certain that the region is gone, or when what was amiss still is', () => {
    expect(drift({}, { from: { serviceReachable: null } })).toBeNull();
    expect(drift(measured(true), measured(true))).toBeNull();
    expect(drift(cache(TO, 'failing'), cache(TO, 'failing'))).toBeNull();
  });
  test.each<[string, Change, RegExp]>([
    ['more would be lost', { to: { replayAgeSeconds: 9.1 } }, /data loss would be 6\.6.* s now and was 4\.5 s/],
    ['the loss is unknown now', { to: { replayAgeSeconds: null } }, /no longer known/],
    ['the region is back', { from: { serviceReachable: true } }, /us-east-1 is unreachable has changed/],
    ['the region may be back', { from: { serviceReachable: null } }, /us-east-1 is unreachable has changed/],
    ['the data is corrupt', measured(true), /the data is corrupt/],
    ['a component fails where the system is to go', cache(TO, 'failing'), /cache in eu-central-1 is failing now/],
    ['the standby is gone', { to: { databaseRole: 'primary' } }, /eu-central-1 is ready has changed/],
    ['the name leads elsewhere', { vantage: { servingRegions: [TO] } }, /the name leads to other regions/],
  ])('%s', (_, change, reason) => expect(drift(change)).toMatch(reason));
});

describe('for how long nobody reaches the region', () => {
  const at = (observedAt: string, change: Change = {}) => ({ ...facts(change, change), observedAt });
  const first = countFrom(null, at('2026-01-01T00:00:00.000Z'));
  const second = countFrom(first, at('2026-01-01T00:01:00.000Z'));

  test('counts from the first look that found it so', () => {
    expect([first, second].map(({ unreachableSince }) => unreachableSince)).toEqual(
      Array(2).fill('2026-01-01T00:00:00.000Z'),
    );
  });
  test.each([true, null])('begins anew after a look that did not (service reachable: %s)', (serviceReachable) => {
    const between = countFrom(second, at('2026-01-01T00:02:00.000Z', { from: { serviceReachable } }));
    expect(between.unreachableSince).toBeNull();
    expect(countFrom(between, at('2026-01-01T00:03:00.000Z')).unreachableSince).toBe('2026-01-01T00:03:00.000Z');
  });
});
