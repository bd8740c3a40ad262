import { renderStatus } from '../../../../starter/screen/status.ts';
import type { RecoveryStatus } from '../../../../workflows/recovery/messages.ts';
import { GATE, minutesLater, phase, waitingStatus } from '../../../support/starter/statuses.ts';

const render = (more: Partial<RecoveryStatus> = {}, now = minutesLater(2)) =>
  renderStatus(waitingStatus(more), {
    color: false,
    now: new Date(now),
    approvers: [{ identity: 'sre@lab.test', roles: ['on-call-sre'], keys: [] }],
  });

test('a recovery that waits: what is asked, who may answer, since when, and what to type', () => {
  expect(render()).toBe(`teei-csr  region-failover  us-east-1 -> eu-central-1  lab (drill)
WAITING  us-east-1 does not answer: fail over to eu-central-1?
clock  2m 00s of 5m 00s since detection, 2m 00s of it waiting for people
run    recovery/teei-csr run-1

phase             state    budget  actual  attempts
assess            done     1m 00s  2s      1
promote-database  waiting  1m 00s  -       -

decision wanted: approve
  us-east-1 does not answer: fail over to eu-central-1?
  action   region-failover us-east-1 -> eu-central-1
  open     for 2m 00s, since 12:00:00 UTC; expires in 8m 00s, then as rejected
  needs    on-call-sre: missing; sre@lab.test may give it
  approve  eu-central-1 takes over
  reject   ends as refused
  facts    observed 2m 00s ago, at 12:00:00 UTC, from nowhere
  facts    us-east-1: UNREACHABLE
  facts    standby in eu-central-1: ready to take over
  facts    data loss: at most 3s (known to be missing: unknown)
  facts    DNS resolves to: us-east-1

last events (UTC)
12:00:00  assess: started

next
  npx lifeboat approve teei-csr --gate approve
  npx lifeboat reject teei-csr --gate approve --reason "…"
`);
});

test('a gate with a voice already given says whose', () => {
  const gate = { ...GATE, given: [{ role: 'on-call-sre', identity: 'sre@lab.test' }] };
  expect(render({ gates: [gate] })).toContain('needs    on-call-sre: given by sre@lab.test');
});

test('unknown facts are shown as unknown, never as good', () => {
  const facts = {
    ...GATE.facts,
    fromUnreachable: null,
    standbyReady: null,
    expectedDataLossSeconds: null,
  } as NonNullable<typeof GATE.facts>;
  const screen = render({ gates: [{ ...GATE, facts }] });
  expect(screen).toContain('us-east-1: unknown');
  expect(screen).toContain('standby in eu-central-1: unknown');
  expect(screen).toContain('data loss: unknown');
});

test('a region that answers is shown as reachable, and a standby that cannot take over loudly so', () => {
  const facts = { ...GATE.facts, fromUnreachable: false, standbyReady: false } as NonNullable<typeof GATE.facts>;
  const screen = render({ gates: [{ ...GATE, facts }] });
  expect(screen).toContain('us-east-1: reachable');
  expect(screen).toContain('standby in eu-central-1: NOT ready to take over');
});

test('a gate that loses nothing says so, and where the system can be verified again how', () => {
  const answers = { approve: 'it rolls back', reject: 'it stays', retry: 'it is verified again' };
  const facts = { ...GATE.facts, expectedDataLossSeconds: null } as NonNullable<typeof GATE.facts>;
  const screen = render({ gates: [{ ...GATE, name: 'failback', facts, answers, dataLoss: 'none: it hands over' }] });
  expect(screen).toContain('data loss: none: it hands over\n');
  expect(screen).toContain('  retry    it is verified again\n');
  expect(screen).toContain('npx lifeboat retry teei-csr --gate failback\n');
});

test('what is measured, what is amiss and for how long are shown with the other facts', () => {
  const amiss = { kind: 'cache', detail: '' } as const;
  const components = [
    { ...amiss, component: 'cache', region: 'us-east-1', health: 'failing' },
    { ...amiss, component: 'events', region: 'us-east-1', health: 'failing' },
    { ...amiss, component: 'cache', region: 'eu-central-1', health: 'unknown' },
    { ...amiss, component: 'events', region: 'eu-central-1', health: 'healthy' },
  ];
  const measures = { customerErrorsPercent: 99.96, backupAgeSeconds: 7_260, dataCorrupted: true };
  const observedAt = minutesLater(12);
  const facts = {
    ...GATE.facts,
    observedAt,
    unreachableSince: minutesLater(5),
    components,
    measures,
    alertsLeftOut: 12,
  };
  const screen = render({ gates: [{ ...GATE, facts: facts as NonNullable<typeof GATE.facts> }] });
  expect(screen).toContain('us-east-1: UNREACHABLE since 12:05:00 UTC (7m 00s)');
  expect(screen).toContain('components failing in us-east-1: cache, events');
  expect(screen).toContain('components unknown in eu-central-1: cache');
  expect(screen).toContain('client requests that fail: 100.0 %');
  expect(screen).toContain('age of the newest good backup: 2h 01m');
  expect(screen).toContain('integrity checks of the data: FAILED');
  expect(screen).toContain('alerts: at least 12 were left out by their sender');
});

test('a measure that nobody can tell is shown as unknown', () => {
  const measures = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: null };
  const facts = { ...GATE.facts, components: [], measures } as unknown as NonNullable<typeof GATE.facts>;
  const screen = render({ gates: [{ ...GATE, facts }] });
  expect(screen).toContain('components: all healthy');
  expect(screen.match(/(fail|backup|of the data): unknown/g)).toHaveLength(3);
});

test('a running phase counts, and one over its budget is marked', () => {
  const phases = [phase('dns', { state: 'running', startedAt: minutesLater(1), attempts: 2 })];
  expect(render({ phases, gates: [], state: 'running' }, minutesLater(3))).toMatch(/dns +running +1m 00s +2m 00s ! +2/);
});

test('a phase that only watches is not over its budget', () => {
  const watching = { state: 'running' as const, startedAt: minutesLater(1), watchingSince: minutesLater(1.5) };
  const phases = [phase('verify', { ...watching, attempts: 1 })];
  expect(render({ phases, gates: [], state: 'running' }, minutesLater(9))).toMatch(/verify +running +1m 00s +30s +1/);
});

test('a paused phase says how it goes on', () => {
  const phases = [phase('dns', { state: 'paused', detail: 'NotReached: no INSYNC' })];
  const screen = render({ phases, gates: [], state: 'paused' });
  expect(screen).toContain('NotReached: no INSYNC');
  for (const verb of ['retry teei-csr --phase dns', 'skip teei-csr --phase dns', 'rollback teei-csr']) {
    expect(screen).toContain(`npx lifeboat ${verb}`);
  }
});

test('on the way back nobody is told to turn round', () => {
  const phases = [phase('rollback-dns', { state: 'paused' })];
  const screen = render({ phases, gates: [], state: 'paused', goingBack: 'rollback ordered by sre@example.com' });
  expect(screen).toContain('npx lifeboat retry teei-csr --phase rollback-dns');
  expect(screen).not.toContain('lifeboat rollback');
});

test('when it has ended the clock stands still, and the report is next', () => {
  const timeline = [{ at: minutesLater(6), text: 'recovered' }];
  const screen = render({ state: 'recovered', gates: [], waitingSince: null, timeline }, minutesLater(600));
  expect(screen).toContain('clock  6m 00s of 5m 00s since detection, 0s of it waiting for people: over the objective');
  expect(screen).toContain('npx lifeboat report teei-csr');
});

test('colour is added only where it is wanted', () => {
  const options = { now: new Date(minutesLater(2)) };
  expect(renderStatus(waitingStatus(), { ...options, color: true })).toContain('\x1b[');
  expect(renderStatus(waitingStatus(), { ...options, color: false })).not.toContain('\x1b[');
});

test('the time that people take counts once, in closed gates and in the one that is open', () => {
  const status = { humanSeconds: 60, waitingSince: minutesLater(3) };
  expect(render(status, minutesLater(15))).toContain(
    'clock  15m 00s of 5m 00s since detection, 13m 00s of it waiting for people',
  );
  expect(render({ humanSeconds: 60, waitingSince: null, gates: [] }, minutesLater(15))).toContain(
    '15m 00s of 5m 00s since detection, 1m 00s of it waiting for people',
  );
});
