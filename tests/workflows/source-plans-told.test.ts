import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { notifyActivities } from '../../activities/notify/index.ts';
import { type Lab, up } from '../../lab/lab.ts';
import type { Received } from '../../lab/sink/received.ts';
import { Channel, type Severity } from '../../plan/channels.ts';
import { Communication } from '../../plan/communication.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { depsOf } from '../activities/step.ts';
import { createFakes } from './support/fakes.ts';
import { approve, letPass, startFailover, startServer, teeiPlan, withWorkers } from './support/harness.ts';
import { incidentWhen } from './support/incidents.ts';
import { forPeople, incidentOf, RULE } from './support/matter.ts';

/**
 * What the source plans promise people, said in the language of plans, told by the real workflows and the real channels,
 * and read in the lab's catcher: who was told, by which way, and whether in time.
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
const INSIDE = ['engineering', 'operations', 'management', 'customer-support', 'executives', 'legal'];
const OUTSIDE = ['customers', 'customer-mail', 'social-media', 'regulators'];

/** A way to everybody: a pager, a chat, a status page, a webhook, and mail for the rest. */
function channels(): Channel[] {
  const { host, port } = lab.endpoint('third-place/sink');
  const sink = `http://${host}:${port}`;
  const smtp = lab.endpoint('third-place/sink', 'smtp').port;
  const mail = (role: string) => ({
    ...{ name: role, roles: [role], provider: 'email', host, port: smtp, tls: 'none' },
    ...{ from: 'lifeboat@lab.test', to: [`${role}@lab.test`] },
  });
  const slack = { provider: 'slack', endpoint: `${sink}/slack/api`, tokenSecret: 'teei-csr/slack' };
  const others = [...INSIDE.slice(1), ...OUTSIDE.slice(1, 2), 'regulators', 'leadership'];
  return [
    {
      name: 'on-call',
      roles: ['on-call-sre'],
      provider: 'pagerduty',
      endpoint: `${sink}/pagerduty`,
      routingKeySecret: 'teei-csr/pagerduty',
    },
    { ...slack, name: 'engineering', roles: ['engineering'], channel: '#engineering' },
    {
      name: 'customers',
      roles: ['customers'],
      provider: 'statuspage',
      endpoint: `${sink}/statuspage/v1`,
      page: 'told',
      tokenSecret: 'teei-csr/statuspage',
    },
    { name: 'social-media', roles: ['social-media'], provider: 'webhook', url: `${sink}/social-media` },
    ...others.map(mail),
  ].map((channel) => Channel.parse(channel));
}

/** By which ways something arrived, in the words of the sink. */
const WAYS: Record<string, string> = {
  '/pagerduty/v2/enqueue': 'on-call-sre',
  '/slack/api/chat.postMessage': 'engineering',
  '/statuspage/v1/pages/told/incidents': 'customers',
  '/social-media': 'social-media',
};
const whoGot = ({ path }: Received) => WAYS[path] ?? path.replace('@lab.test', '');

async function received(): Promise<Received[]> {
  const { host, port } = lab.endpoint('third-place/sink');
  return (await (await fetch(`http://${host}:${port}/received`)).json()) as Received[];
}

interface Told {
  start: { roles: string[]; within: string }[];
  updates?: { roles: string[]; every: string }[];
  severity?: Severity;
}

/** An incident of one level for so long: what arrived, and the record of it. */
async function tell({ start, updates = [], severity = 'critical' }: Told, long = '1m', by = channels()) {
  const level = { name: 'level', title: 'A level', severity, rules: [RULE], start, updates };
  const rest = { name: 'rest', title: 'Anything else', severity };
  const communication = Communication.parse({ outsiders: OUTSIDE, levels: [level, rest] });
  const known = (await received()).length;
  const status = await incidentOf(env, forPeople(teei, { communication, notifications: by }), notify, async (open) => {
    await letPass(env, long);
    await incidentWhen(open, ({ undelivered, notifications }) => undelivered.length === 0 && notifications.length > 0);
  });
  const arrived = (await received()).slice(known);
  const first = arrived.filter(({ method }) => method !== 'PATCH').map(whoGot);
  return { arrived, told: [...new Set(first)].toSorted(), records: status.notifications };
}

describe('GameTriq: four levels, each with its people and its time', () => {
  const LEVELS: [string, string, string[]][] = [
    ['1, degradation', '1m', INSIDE.slice(0, 2)],
    ['2, outage', '5m', [...INSIDE.slice(0, 4), 'customers']],
    ['3, regional failure', '10m', [...INSIDE, 'customers', 'customer-mail', 'social-media']],
    ['4, breach or corruption', '15m', [...INSIDE, ...OUTSIDE]],
  ];
  test.each(LEVELS)('level %s, within %s', async (_, within, roles) => {
    const { told, records } = await tell({ start: [{ roles, within }] });
    expect(told).toEqual([...roles, 'on-call-sre'].toSorted());
    const started = records.filter(({ kind }) => kind === 'started');
    expect(started.flatMap((record) => record.roles).toSorted()).toEqual(roles.toSorted());
    for (const record of started) {
      expect(record).toMatchObject({ failed: [], onTime: true });
      expect(record.deliveries.every(({ deliveredAt, onTime }) => deliveredAt !== null && onTime)).toBe(true);
    }
  });
});

/** Minutes from the first word to each update. */
function cadence({ records }: Awaited<ReturnType<typeof tell>>, within: string): number[] {
  const [first] = records.filter(({ kind }) => kind === 'started');
  const since = Date.parse(first?.dueAt ?? '') - Number.parseInt(within, 10) * MINUTE_MS;
  const updates = records.filter(({ kind }) => kind === 'update');
  return updates.map(({ at }) => Math.floor((Date.parse(at) - since) / MINUTE_MS));
}

test.each([
  ['P0', '15m', [15, 30, 45, 60]],
  ['P1', '30m', [30, 60]],
  ['P2', '1h', [60]],
])('Golf: %s has news every %s', async (_, every, minutes) => {
  const roles = ['engineering'];
  const seen = await tell({ start: [{ roles, within: '5m' }], updates: [{ roles, every }] }, '61m');
  expect(cadence(seen, '5m')).toEqual(minutes);
  const posts = seen.arrived.filter((each) => whoGot(each) === 'engineering');
  expect(posts.filter(({ body }) => JSON.stringify(body).includes(': update'))).toHaveLength(minutes.length);
});

test('CastMatch: leadership within 15 minutes, and news every 30', async () => {
  const roles = ['leadership'];
  const seen = await tell({ start: [{ roles, within: '15m' }], updates: [{ roles, every: '30m' }] }, '61m');
  expect(cadence(seen, '15m')).toEqual([30, 60]);
  const mails = seen.arrived
    .filter((each) => whoGot(each) === 'leadership')
    .map(({ body }) => body as { text: string });
  expect(mails).toHaveLength(4);
  expect(mails[0]?.text).toMatch(/Known: .*\nBeing done: .*\nNext update: \d{4}-.* UTC\nCommander: /);
});

test('TEEI: at night executives are told within 30 minutes of the approval', async () => {
  const known = (await received()).length;
  const rules = [
    { when: 'always' as const, require: ['on-call-sre'], notify: { roles: ['executives'], within: '30m' } },
  ];
  const plan = { ...teei, authority: { ...teei.authority, rules }, notifications: channels() };
  const report = await withWorkers(env, createFakes({ notify }), async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    return await recovering.result();
  });
  const [record] = report.notifications.filter(({ kind }) => kind === 'authority');
  expect(record).toMatchObject({ roles: ['executives'], delivered: ['executives'], onTime: true });
  expect(Date.parse(record?.dueAt ?? '') - Date.parse(record?.at ?? '')).toBeGreaterThan(20 * MINUTE_MS);
  const mails = (await received()).slice(known).filter((each) => whoGot(each) === 'executives');
  expect(mails.map(({ body }) => (body as { subject: string }).subject)).toEqual(
    expect.arrayContaining([expect.stringContaining('was approved by sre@lab.test')]),
  );
});

test.each([
  ['critical', ['alerts', 'on-call-sre']],
  ['warning', ['monitoring', 'on-call-sre']],
  ['info', ['team-mail']],
] as [Severity, string[]][])('Tournament: what is %s goes to %j', async (severity, wanted) => {
  const [onCall, engineering, , , mail] = channels() as [Channel, Channel, Channel, Channel, Channel];
  const severe: Severity[] = ['critical', 'error', 'warning'];
  const by = [
    { ...onCall, severities: severe },
    { ...engineering, name: 'alerts', channel: '#alerts', severities: ['critical'] },
    { ...engineering, name: 'monitoring', channel: '#monitoring', severities: ['warning'] },
    { ...mail, name: 'team-mail', roles: ['engineering'], to: ['team-mail@lab.test'], severities: ['info'] },
  ].map((channel) => Channel.parse(channel));
  const { arrived } = await tell({ start: [{ roles: ['engineering'], within: '1m' }], severity }, '1m', by);
  const ways = arrived.map((each) => {
    const { channel } = each.body as { channel?: string };
    return channel === undefined ? whoGot(each) : channel.replace('#', '');
  });
  expect([...new Set(ways)].toSorted()).toEqual(wanted);
});
