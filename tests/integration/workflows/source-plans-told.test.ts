import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { notifyActivities } from '../../../activities/notify/index.ts';
import { type Lab, up } from '../../../lab/lab.ts';
import type { Received } from '../../../lab/sink/received.ts';
import { Channel, type Severity } from '../../../plan/channels.ts';
import { type Level, rolesOf } from '../../../plan/communication.ts';
import { milliseconds } from '../../../plan/duration.ts';
import type { Measures, RegionFacts } from '../../../plan/facts.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import type { NotificationRecord, Report } from '../../../plan/report.ts';
import { depsOf } from '../../support/activities/step.ts';
import { readSourcePlan, type SourcePlan, type SourcePlanName } from '../../support/decisions/source-plan.ts';
import { createFakes, deadRegion, servingRegion, standbyRegion, vantageFacts } from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  letPass,
  startFailover,
  startScenario,
  startServer,
  statusWhen,
  teeiPlan,
  withWorkers,
} from '../../support/workflows/harness.ts';
import { alert, incidentStatus, incidentWhen, raise } from '../../support/workflows/incidents.ts';

/**
 * What the source plans promise people, read from their files, reached by the rule or the scenario that it is promised
 * for, told by the real workflows and the real channels, and read in the lab's catcher: who was told, by which way, in
 * which words, and whether in time.
 */

let env: TestWorkflowEnvironment;
let teei: RecoveryPlan;
let lab: Lab;
let notify: ReturnType<typeof notifyActivities>['notify'];

beforeAll(async () => {
  lab = await up({ name: `told-${process.pid}`, only: ['third-place/sink'] });
  env = await startServer();
  teei = await teeiPlan();
  notify = notifyActivities(depsOf(lab.wiring['LIFEBOAT_SECRETS_DIR'])).notify;
}, 120_000);
afterAll(async () => {
  await env?.teardown();
  await lab?.down();
}, 60_000);

const MINUTE_MS = 60_000;

/** Ways to the sink, by what receives there. */
function ways() {
  const { host, port } = lab.endpoint('third-place/sink');
  const sink = `http://${host}:${port}`;
  const smtp = lab.endpoint('third-place/sink', 'smtp').port;
  return {
    pager: { provider: 'pagerduty', endpoint: `${sink}/pagerduty`, routingKeySecret: 'teei-csr/pagerduty' },
    chat: (channel: string) => ({
      ...{ provider: 'slack', endpoint: `${sink}/slack/api`, tokenSecret: 'teei-csr/slack' },
      channel: `#${channel}`,
    }),
    page: {
      ...{ provider: 'statuspage', endpoint: `${sink}/statuspage/v1`, page: 'told' },
      tokenSecret: 'teei-csr/statuspage',
    },
    hook: (path: string) => ({ provider: 'webhook', url: `${sink}/${path}` }),
    mail: (name: string) => ({
      ...{ provider: 'email', host, port: smtp, tls: 'none' },
      ...{ from: 'lifeboat@lab.test', to: [`${name}@lab.test`] },
    }),
  };
}

/** A way to each role: a pager, a chat, a status page, a webhook, and mail for the rest. */
function channelFor(role: string, pager: string): Channel {
  const { pager: page, chat, page: statusPage, hook, mail } = ways();
  const known: Record<string, object> = {
    [pager]: page,
    engineering: chat(role),
    'critical-alerts': chat(role),
    customers: statusPage,
    'social-media': hook(role),
  };
  return Channel.parse({ name: role, roles: [role], ...(known[role] ?? mail(role)) });
}

/** Every role that the plan tells anything. */
function everybody({ authority, communication }: SourcePlan): string[] {
  const deciding = authority.rules.flatMap(({ require }) => require);
  return [...new Set([...communication.levels.flatMap(rolesOf), ...deciding, ...authority.escalate])];
}

/** The plan of another system, with TEEI's failover for its own, and half an objective that does not come in the way. */
function planOf(name: SourcePlanName, notifications?: Channel[]): RecoveryPlan {
  const source = readSourcePlan(name);
  const [pager = ''] = source.authority.escalate;
  const failover = teei.scenarios['region-failover'];
  const switchover = teei.scenarios.switchover;
  if (failover === undefined || switchover === undefined) throw new Error('TEEI has no such scenario');
  const { recoveryTime: _, ...rollback } = failover.rollback;
  return {
    ...teei,
    ...source,
    system: `${name}-${randomUUID().slice(0, 8)}`,
    decisions: { ...source.decisions, maintenance: [] },
    scenarios: {
      'region-failover': { ...failover, rollback, gate: { ...failover.gate, expires: '2h' } },
      switchover,
    },
    objectives: { ...teei.objectives, recoveryTimeSeconds: 10 * 365 * 24 * 3_600 },
    approvers: [{ identity: 'sre@lab.test', roles: everybody(source), keys: [] }],
    notifications: notifications ?? everybody(source).map((role) => channelFor(role, pager)),
  };
}

const levelNamed = ({ communication }: RecoveryPlan, name: string): Level => {
  const found = communication.levels.find((level) => level.name === name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
};

/** What both vantage points see. */
interface Sight {
  primary?: RegionFacts;
  measures?: Partial<Measures>;
}

const part = (component: 'workloads' | 'cache'): RegionFacts => ({
  ...servingRegion,
  components: [{ component, kind: component, region: servingRegion.region, health: 'failing', detail: '' }],
});
const WITHOUT_DATABASE: RegionFacts = { ...servingRegion, databaseReachable: false, databaseRole: null };
const WITHOUT_SERVICE: RegionFacts = { ...servingRegion, serviceReachable: false };
const UNKNOWN: RegionFacts = { ...deadRegion, serviceReachable: null, databaseReachable: null };
const UNMEASURED: Measures = { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: null };

const seeing =
  ({ primary = servingRegion, measures }: Sight) =>
  async ({ vantage }: { vantage: string }) => ({
    ...vantageFacts(vantage, [primary, standbyRegion]),
    ...(measures && { measures: { ...UNMEASURED, ...measures } }),
  });

async function received(): Promise<Received[]> {
  const { host, port } = lab.endpoint('third-place/sink');
  return (await (await fetch(`http://${host}:${port}/received`)).json()) as Received[];
}

/** By which way it came: the role, or the channel of a chat. */
function wayOf({ path, body }: Received, plan: RecoveryPlan): string {
  if (path === '/pagerduty/v2/enqueue') return plan.authority.escalate[0] ?? '';
  if (path === '/slack/api/chat.postMessage') return (body as { channel: string }).channel.replace('#', '');
  if (path.startsWith('/statuspage/')) return 'customers';
  return path.replace('@lab.test', '').replace(/^\//, '');
}

/** An incident that sees this for so long: what was decided, what arrived, and the record of it. */
async function tell(plan: RecoveryPlan, sight: Sight, long = '10s') {
  const known = (await received()).length;
  const status = await withWorkers(env, createFakes({ notify, observe: seeing(sight) }), async () => {
    const startsAt = new Date(await env.currentTimeMs()).toISOString();
    const open = await raise(env, plan, [alert({ startsAt })]);
    const told = ({ undelivered, notifications }: { undelivered: unknown[]; notifications: unknown[] }) =>
      undelivered.length === 0 && notifications.length > 0;
    await incidentWhen(open, told);
    await letPass(env, long);
    await incidentWhen(open, told);
    const seen = await incidentStatus(open);
    await raise(env, plan, [alert({ startsAt, status: 'resolved' })]);
    return { ...(await open.result()), verdict: seen.verdict };
  });
  const arrived = (await received()).slice(known);
  const told = [...new Set(arrived.filter(({ method }) => method !== 'PATCH').map((each) => wayOf(each, plan)))];
  return { status, arrived, told: told.toSorted(), records: status.notifications };
}

const LOST: Sight = { primary: deadRegion };
const CORRUPT: Sight = { measures: { dataCorrupted: true } };

/** Plan, level, the rule by which it is reached, and what is seen. */
const REACHED: [SourcePlanName, string, string, Sight][] = [
  ['gametriq', 'level-1', 'service-lost', { primary: part('workloads') }],
  ['gametriq', 'level-2', 'primary-lost', { primary: WITHOUT_DATABASE }],
  ['gametriq', 'level-2', 'high-error-rate', { measures: { customerErrorsPercent: 6 } }],
  ['gametriq', 'level-3', 'region-lost', LOST],
  ['gametriq', 'level-4', 'corrupt-data', CORRUPT],
  ['golf-parlay', 'p0', 'database-lost', { primary: WITHOUT_DATABASE }],
  ['golf-parlay', 'p0', 'server-lost', LOST],
  ['golf-parlay', 'p1', 'backup-unusable', { measures: { backupAgeSeconds: 1_900 } }],
  ['golf-parlay', 'p2', 'corrupt-data', CORRUPT],
  ['castmatch', 'outage', 'center-lost', LOST],
  ['castmatch', 'alert', 'connections-fail', { measures: { customerErrorsPercent: 11 } }],
];

test.each(REACHED)('%s: %s is reached by %s, and its people are told in time', async (name, levelName, rule, sight) => {
  const plan = planOf(name);
  const level = levelNamed(plan, levelName);
  const { status, told, records } = await tell(plan, sight);
  expect(status.verdict?.rule).toBe(rule);
  const asked = status.verdict?.action === 'ask-human' ? plan.authority.escalate.slice(0, 1) : [];
  const wanted = new Set([...level.start.flatMap(({ roles }) => roles), ...asked]);
  expect(told).toEqual([...wanted].toSorted());
  const started = records.filter(({ kind }) => kind === 'started' || kind === 'gate');
  // Who is asked and is not of the level has no time to be told by.
  for (const { kind, onTime, failed } of started) {
    expect([failed, kind === 'started' ? onTime : (onTime ?? true)]).toEqual([[], true]);
  }
  for (const { roles, within } of level.start) expectDue(started, roles, Date.parse(status.openedAt), within);
});

/** These roles were to be told so soon after the beginning. */
function expectDue(records: NotificationRecord[], roles: string[], sinceMs: number, within: string): void {
  const theirs = records.filter((record) => record.roles.some((role) => roles.includes(role)));
  expect(theirs.flatMap((record) => record.roles)).toEqual(expect.arrayContaining(roles));
  for (const { kind, dueAt } of theirs) {
    const dueMs = Date.parse(dueAt ?? '') - sinceMs;
    // A question is due when the first of its people has to hear of it.
    if (kind === 'started') expect(dueMs).toBeGreaterThanOrEqual(milliseconds(within));
    expect(dueMs).toBeLessThan(milliseconds(within) + MINUTE_MS);
  }
}

test("GameTriq: each level reaches all that the one below it reaches, and tells them by the matrix's time", () => {
  const levels = ['level-1', 'level-2', 'level-3', 'level-4'].map((name) => levelNamed(planOf('gametriq'), name));
  expect(levels.map(({ start }) => [...new Set(start.map(({ within }) => within))])).toEqual([
    ['1m'],
    ['5m'],
    ['10m'],
    ['15m'],
  ]);
  const reached = levels.map((level) => level.start.flatMap(({ roles }) => roles));
  expect(reached.map((roles) => roles.length)).toEqual([2, 5, 9, 10]);
  for (const [index, roles] of reached.slice(1).entries()) {
    expect(roles).toEqual(expect.arrayContaining(reached[index] ?? []));
  }
});

test.each<[SourcePlanName, string, string, string]>([
  ['castmatch', 'outage', 'engineering-leadership', '15m'],
  ['castmatch', 'alert', 'engineering-leadership', '15m'],
  ['golf-parlay', 'p0', 'stakeholders', '5m'],
  ['golf-parlay', 'p1', 'stakeholders', '5m'],
])('%s: %s has to reach %s within %s', (name, level, role, within) => {
  const { start } = levelNamed(planOf(name), level);
  expect(start.find(({ roles }) => roles.includes(role))?.within).toBe(within);
});

/** Minutes from the beginning to each update for a role. */
function cadence(records: NotificationRecord[], role: string, sinceMs: number): number[] {
  const updates = records.filter(({ kind, roles }) => kind === 'update' && roles.includes(role));
  return updates.map(({ at }) => Math.floor((Date.parse(at) - sinceMs) / MINUTE_MS));
}

/** And half of the minute in which an incident looks once: its looks come the later the longer each has taken. */
const AN_HOUR = '61.5m';

test.each<[SourcePlanName, string, Sight, string, number[]]>([
  ['golf-parlay', 'p0', LOST, 'critical-alerts', [15, 30, 45, 60]],
  ['golf-parlay', 'p1', { measures: { backupAgeSeconds: 1_900 } }, 'critical-alerts', [30, 60]],
  ['golf-parlay', 'p2', CORRUPT, 'critical-alerts', [60]],
  ['castmatch', 'alert', { measures: { customerErrorsPercent: 11 } }, 'engineering-leadership', [30, 60]],
  ['gametriq', 'level-4', CORRUPT, 'customers', [30, 60]],
])('%s: while %s waits for people, news come as often as it says', async (name, level, sight, role, minutes) => {
  const plan = planOf(name);
  const { status, records, arrived } = await tell(plan, sight, AN_HOUR);
  expect(cadence(records, role, Date.parse(status.openedAt))).toEqual(minutes);
  const updates = arrived.filter((each) => wayOf(each, plan) === role && /: update/.test(JSON.stringify(each.body)));
  // A status page says it in an update of its incident.
  expect(updates).toHaveLength(role === 'customers' ? 0 : minutes.length);
  expect(level).toBe(plan.communication.levels.find(({ rules }) => rules?.includes(status.verdict?.rule ?? ''))?.name);
});

/** A failover whose gate nobody opens for an hour, and what arrived of it. */
async function anHourAtTheGate(plan: RecoveryPlan): Promise<{ report: Report; arrived: Received[] }> {
  const known = (await received()).length;
  const signer = { identity: 'sre@lab.test', roles: everybody(plan), keyFingerprint: 'SHA256:sre', refusal: null };
  const fakes = createFakes({ notify, verifySignatures: async ({ decisions }) => decisions.map(() => signer) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await statusWhen(recovering, gateOpen('approve'));
    await letPass(env, AN_HOUR);
    await decide(env, recovering, gateOpen('approve'), { verb: 'reject', target: 'approve' });
    return await recovering.result();
  });
  return { report, arrived: (await received()).slice(known) };
}

test.each<[SourcePlanName, string, string, number[], RegExp, RegExp]>([
  [
    'golf-parlay',
    'p0',
    'stakeholders',
    [15, 30, 45, 60],
    /^DRILL critical incident p0: golf-parlay-\w+: update$/,
    /^Status: .*\nImpact: region-failover us-east-1 -> eu-central-1; .*\nBeing done: waiting for database-engineer and product-manager at "approve" since .*\nIncident commander: database-engineer \(sre@lab\.test\)\nNext update: \d{4}-.* UTC/,
  ],
  [
    'castmatch',
    'outage',
    'engineering-leadership',
    [30, 60],
    /^DRILL \[outage\] castmatch-\w+: update$/,
    /Known: region-failover .*\nAction: waiting for cto at "approve" since .*\nNext update: \d{4}-.* UTC\nCommander: devops-lead \(sre@lab\.test\)/,
  ],
])(
  '%s: a recovery is of level %s, and has news for %s as often as it says, in its own words',
  async (name, levelName, role, minutes, subject, text) => {
    const plan = planOf(name);
    const { report, arrived } = await anHourAtTheGate(plan);
    const sinceMs = Date.parse(report.startedAt);
    const started = report.notifications.filter(({ kind }) => kind === 'started');
    for (const { roles, within } of levelNamed(plan, levelName).start) expectDue(started, roles, sinceMs, within);
    expect(cadence(report.notifications, role, sinceMs)).toEqual(minutes);
    const mails = arrived.filter((each) => wayOf(each, plan) === role).map(({ body }) => body as Mail);
    const updates = mails.filter((mail) => mail.subject.endsWith(': update'));
    expect(updates).toHaveLength(minutes.length);
    for (const update of updates) {
      expect(update.subject).toMatch(subject);
      expect(update.text.replaceAll('\r\n', '\n')).toMatch(text);
    }
  },
);

interface Mail {
  subject: string;
  text: string;
}

test('GameTriq: a failover is of level 3, inside in the words of its template, and outside in others', async () => {
  const plan = planOf('gametriq');
  const { report, arrived } = await anHourAtTheGate(plan);
  const level = levelNamed(plan, 'level-3');
  const started = report.notifications.filter(({ kind }) => kind === 'started');
  for (const { roles, within } of level.start) expectDue(started, roles, Date.parse(report.startedAt), within);
  const first = (role: string) =>
    arrived.filter((each) => wayOf(each, plan) === role).map(({ body }) => body as Mail)[0];
  const legal = first('legal');
  expect(legal?.subject).toMatch(/^DRILL \[level-3\] gametriq-\w+: region-failover has started$/);
  expect(legal?.text).toMatch(
    /^Since: \d{4}-.* UTC\r?\n(.*\r?\n)+Incident commander: on-call-engineer \(sre@lab\.test\)/,
  );
  const customer = first('customer-mail');
  expect(customer?.subject).toBe('DRILL GameTriq: we are looking into a disruption');
  expect(`${customer?.subject} ${customer?.text}`).not.toMatch(/us-east-1|on-call|level-3|lab\.test|approve/);
});

/** Tournament tells the same team by other ways, by how bad it is; whoever is on call is paged. */
function bySeverity(): Channel[] {
  const { pager, chat, mail } = ways();
  const ofSeverity = (severity: Severity) => ({ roles: ['team'], severities: [severity] });
  return [
    { name: 'pager', roles: ['on-call', 'second-on-call', 'infrastructure'], ...pager },
    { name: 'alerts', ...chat('alerts'), ...ofSeverity('critical') },
    { name: 'monitoring', ...chat('monitoring'), ...ofSeverity('warning') },
    { name: 'team-mail', ...mail('team-mail'), ...ofSeverity('info') },
  ].map((channel) => Channel.parse(channel));
}

test.each<[string, string, Sight, string[]]>([
  ['critical', 'application-down', { primary: WITHOUT_SERVICE }, ['alerts', 'on-call']],
  ['critical', 'high-error-rate', { measures: { customerErrorsPercent: 6 } }, ['alerts', 'on-call']],
  ['warning', 'facts-unknown', { primary: UNKNOWN }, ['monitoring']],
])('Tournament: what is %s, such as %s, goes its own way', async (_, rule, sight, wanted) => {
  const { status, told } = await tell(planOf('tournament-optimization', bySeverity()), sight);
  expect([status.verdict?.rule, told]).toEqual([rule, wanted]);
});

test('Tournament: what is for information, such as a planned move, goes to the team by mail', async () => {
  const plan = planOf('tournament-optimization', bySeverity());
  const known = (await received()).length;
  const fakes = createFakes({ notify, observe: seeing({}) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startScenario(env, plan, 'switchover');
    await statusWhen(recovering, gateOpen('approve'));
    return await recovering.result();
  });
  expect(report.outcome).toBe('refused');
  const arrived = (await received()).slice(known);
  expect([...new Set(arrived.map((each) => wayOf(each, plan)))].toSorted()).toEqual(['on-call', 'team-mail']);
  // Who is on call is asked at the gate, and is not told otherwise.
  const paged = report.notifications.filter(({ kind, roles }) => kind === 'started' && roles.includes('on-call'));
  expect(paged).toEqual([]);
});

test('TEEI: at night executives are told within 30 minutes of the approval', async () => {
  const known = (await received()).length;
  const rules = [
    { when: 'always' as const, require: ['on-call-sre'], notify: { roles: ['executives'], within: '30m' } },
  ];
  const plan = {
    ...teei,
    authority: { ...teei.authority, rules },
    notifications: ['on-call-sre', 'executives', 'sre-team'].map((role) => channelFor(role, 'on-call-sre')),
  };
  const report = await withWorkers(env, createFakes({ notify }), async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    return await recovering.result();
  });
  const [record] = report.notifications.filter(({ kind }) => kind === 'authority');
  expect(record).toMatchObject({ roles: ['executives'], delivered: ['executives'], onTime: true });
  expect(Date.parse(record?.dueAt ?? '') - Date.parse(record?.at ?? '')).toBeGreaterThan(20 * MINUTE_MS);
  const mails = (await received()).slice(known).filter(({ path }) => path === 'executives@lab.test');
  expect(mails.map(({ body }) => (body as { subject: string }).subject)).toEqual(
    expect.arrayContaining([expect.stringContaining('was approved by sre@lab.test')]),
  );
});
