import { byPlan, directionOf, servesAfter } from '../../../plan/direction.ts';
import type { RegionFacts, VantageFacts } from '../../../plan/facts.ts';

const REGIONS = { primary: 'us-east-1', standby: 'eu-central-1' };
const HOME = byPlan(REGIONS);
const MOVED = { from: 'eu-central-1', to: 'us-east-1' };

type Role = RegionFacts['databaseRole'];

/** One view: the roles of both databases, and whose the lease is. */
function view(primary: Role, standby: Role, holder: string | null = null): VantageFacts {
  const region = (name: string, databaseRole: Role): RegionFacts => ({
    ...{ region: name, databaseRole, serviceReachable: true, databaseReachable: databaseRole !== null },
    ...{ timeline: null, walPosition: null, replayAgeSeconds: null, remarks: [] },
  });
  const at = '2026-06-10T10:00:00.000Z';
  const lease = holder === null ? null : { holder, renewedAt: at, expiresAt: at, walPosition: null };
  const regions = [region(REGIONS.primary, primary), region(REGIONS.standby, standby)];
  return { vantage: 'third-place', observedAt: at, regions, servingRegions: [], lease };
}

test.each<[string, VantageFacts[], object]>([
  ['where the primary is seen', [view('standby', 'primary')], MOVED],
  ['where one vantage point alone sees the primary', [view(null, null), view('primary', 'standby')], HOME],
  ['where the primary is seen, whoever has the lease', [view('primary', null, 'eu-central-1')], HOME],
  ['where the lease is, when no primary is seen', [view('standby', null, 'eu-central-1')], MOVED],
  ['where the lease is, when there are two primaries', [view('primary', 'primary', 'us-east-1')], HOME],
  [
    'as last known, when vantage points read different leases',
    [view(null, null, 'us-east-1'), view(null, null, 'eu-central-1')],
    MOVED,
  ],
  ['as last known, when the lease is of a region that the plan does not know', [view(null, null, 'mars')], MOVED],
  ['as last known, when nothing tells', [view('standby', null)], MOVED],
  ['as last known, when nobody can look', [], MOVED],
])('the system serves %s', (_, views, expected) => {
  expect(directionOf(views, REGIONS, MOVED)).toEqual(expected);
});

test('a recovery that recovered has moved the system, one that failed leaves it who knows where', () => {
  expect(servesAfter({ ...HOME, outcome: 'recovered' })).toEqual(MOVED);
  expect(servesAfter({ ...HOME, outcome: 'rolled-back' })).toEqual(HOME);
  expect(servesAfter({ ...HOME, outcome: 'failed' })).toBeNull();
});
