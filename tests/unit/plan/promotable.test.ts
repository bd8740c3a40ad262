import { combineFacts } from '../../../plan/combine-facts.ts';
import type { RegionFacts, ReplayFacts, VantageFacts } from '../../../plan/facts.ts';
import { judgeFailover } from '../../../plan/judge-failover.ts';
import { judgeSwitchover } from '../../../plan/judge-move.ts';
import { forbidsPromotion, promotionRemarks } from '../../../plan/promotable.ts';

const unseen = { timeline: null, walPosition: null, replayAgeSeconds: null, remarks: [] };
const dead: RegionFacts = {
  ...unseen,
  region: 'us-east-1',
  serviceReachable: false,
  databaseReachable: false,
  databaseRole: null,
};
const parameters = { max_connections: 100, max_worker_processes: 8 };
const replay: ReplayFacts = {
  paused: false,
  heldBy: null,
  applyDelaySeconds: 0,
  receivedPosition: '0/3000200',
  parameters,
};
const OBSERVED = '2026-06-10T10:00:30.000Z';

function facts(change: Partial<ReplayFacts> = {}, primary: Record<string, number> | null = parameters) {
  const standby: RegionFacts = {
    ...unseen,
    region: 'eu-central-1',
    serviceReachable: true,
    databaseReachable: true,
    databaseRole: 'standby',
    walPosition: '0/3000000',
    replayAgeSeconds: 3_600,
    replay: { ...replay, ...change },
  };
  const lease = {
    holder: 'us-east-1',
    renewedAt: '2026-06-10T10:00:00.000Z',
    expiresAt: '2026-06-10T10:00:04.500Z',
    walPosition: '0/3000200',
    parameters: primary,
  };
  const views = ['third-place', 'eu-central-1'].map(
    (vantage): VantageFacts => ({ vantage, observedAt: OBSERVED, regions: [dead, standby], servingRegions: [], lease }),
  );
  return combineFacts(views, 'us-east-1', 'eu-central-1');
}

const judge = (seen: ReturnType<typeof facts>) => judgeFailover(seen, { refuseDataLossOver: '5m' });

test('a standby with lower settings than the primary is refused before the gate, with setting, value and remedy', () => {
  const seen = facts({}, { max_connections: 200, max_worker_processes: 8 });
  expect(judge(seen)).toEqual({
    proceed: false,
    reason:
      'StandbyNotPromotable: the database in eu-central-1: its settings are too low to be promoted: max_connections = 100, below 200 of the primary. Raise them on the standby, restart it, then retry',
  });
});

test('a standby whose replay is paused is refused with the statement that resumes it', () => {
  expect(forbidsPromotion(facts({ paused: true }))).toMatch(/replay is paused\. Run "select pg_wal_replay_resume\(\)"/);
});

test('a pause is not to be resumed blindly while the settings of the primary are not known', () => {
  expect(forbidsPromotion(facts({ paused: true }, null))).toMatch(
    /^its replay is paused, and the settings of its primary are not known\. Compare max_connections, /,
  );
});

test('settings of a primary that are not known forbid nothing', () => {
  expect(forbidsPromotion(facts({}, null))).toBeNull();
});

test('a session that blocks replay is named to the approver', () => {
  const heldBy = 'replay waits for pid 4711 of reporting, for 600 s: end it';
  expect(promotionRemarks(facts({ heldBy }))).toEqual([heldBy]);
  expect(judge(facts({ heldBy, applyDelaySeconds: 60 })).reason).toContain(heldBy);
});

test('the lag of a standby that applies late is what it has not received; that it applies late is said', () => {
  const seen = facts({ applyDelaySeconds: 3_600 });
  // From the last renewal of the lease to its end, and the second in which the position was read.
  expect([seen.expectedDataLossSeconds, seen.expectedDataLossBytes]).toEqual([5.5, 0]);
  expect(judge(seen)).toMatchObject({
    proceed: true,
    reason: expect.stringContaining('applies WAL 3600 s late by its configuration; a promotion applies all'),
  });
});

test('a standby that applies late and has not received all keeps the lag of what it applied', () => {
  const seen = facts({ applyDelaySeconds: 3_600, receivedPosition: '0/3000100' });
  expect([seen.expectedDataLossSeconds, seen.expectedDataLossBytes]).toEqual([3_574.5, 0x100]);
});

test('a planned move waits for what is applied: a standby that applies late is refused, with the delay', () => {
  const seen = facts({ applyDelaySeconds: 3_600 });
  const primary: RegionFacts = { ...dead, serviceReachable: true, databaseReachable: true, databaseRole: 'primary' };
  const both = combineFacts(
    seen.vantages.map((vantage) => ({ ...vantage, regions: [primary, ...vantage.regions.slice(1)] })),
    'us-east-1',
    'eu-central-1',
  );
  expect(judgeSwitchover(both, { refuseDataLossOver: '5m' })).toEqual({
    proceed: false,
    reason: expect.stringMatching(/^StandbyTooFarBehind: eu-central-1 is 3600 s behind .* applies WAL 3600 s late/),
  });
});

test('a standby whose settings refuse writes by default is refused', () => {
  expect(forbidsPromotion(facts({ readOnlyByDefault: true }))).toMatch(/default_transaction_read_only is on/);
});
