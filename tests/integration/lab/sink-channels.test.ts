import { notifyActivities } from '../../../activities/notify/index.ts';
import type { Lab } from '../../../lab/lab.ts';
import { up } from '../../../lab/lab.ts';
import { readSecret } from '../../../lab/secrets.ts';
import type { Received } from '../../../lab/sink/received.ts';
import type { Channel, ChannelProvider } from '../../../plan/channels.ts';
import type { Notice } from '../../../plan/report.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { attempt, depsOf } from '../../support/activities/step.ts';
import { SYSTEM } from '../../support/lab/shape.ts';

/** Every channel of the lab's environment, by the real activity, into the real sink; what arrived is read from there. */

const NOTICE: Notice = {
  kind: 'started',
  roles: ['on-call-sre'],
  severity: 'critical',
  stage: 'investigating',
  subject: `DRILL [incident] ${SYSTEM}: region-failover has started`,
  text: 'Started by RegionUnreachable.\n\nNext update: 2026-11-21 07:45 UTC',
  workflowId: `recovery/${SYSTEM}`,
};

let lab: Lab;
let channels: Channel[];
let notify: ReturnType<typeof notifyActivities>['notify'];
const before = { ...process.env };

beforeAll(async () => {
  lab = await up({ name: `sink-${process.pid}`, only: ['third-place/sink'] });
  Object.assign(process.env, lab.wiring);
  channels = (await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' })).notifications;
  notify = notifyActivities(depsOf(lab.wiring['LIFEBOAT_SECRETS_DIR'])).notify;
}, 60_000);
afterAll(async () => {
  process.env = before;
  await lab?.down();
}, 30_000);

async function received(): Promise<Received[]> {
  const { host, port } = lab.endpoint('third-place/sink');
  return (await (await fetch(`http://${host}:${port}/received`)).json()) as Received[];
}

/** Tells every channel of a provider, and answers what arrived by that. */
async function tell(provider: ChannelProvider, changes: Partial<Notice> = {}): Promise<Received[]> {
  const known = (await received()).length;
  for (const channel of channels.filter((each) => each.provider === provider)) {
    await attempt(notify, { channel, notice: { ...NOTICE, ...changes } });
  }
  return (await received()).slice(known);
}

test('every provider there is has a channel in the lab', () => {
  const used = [...new Set(channels.map(({ provider }) => provider))];
  expect(used.toSorted()).toEqual(['email', 'pagerduty', 'slack', 'statuspage', 'webhook']);
});

test('webhook', async () => {
  expect(await tell('webhook')).toMatchObject([{ method: 'POST', path: '/notify', body: NOTICE }]);
});

test('Slack', async () => {
  const [message] = await tell('slack');
  expect(message).toMatchObject({
    path: '/slack/api/chat.postMessage',
    body: { channel: '#sre-incidents', text: NOTICE.subject.replaceAll('>', '&gt;') },
  });
  expect(JSON.stringify(message?.body)).toContain('Next update: 2026-11-21 07:45 UTC');
});

test('PagerDuty: triggered, then resolved', async () => {
  const payload = { summary: NOTICE.subject, severity: 'critical' };
  expect(await tell('pagerduty')).toMatchObject([
    { path: '/pagerduty/v2/enqueue', body: { event_action: 'trigger', dedup_key: `recovery/${SYSTEM}`, payload } },
  ]);
  expect(await tell('pagerduty', { stage: 'resolved' })).toMatchObject([
    { body: { event_action: 'resolve', dedup_key: `recovery/${SYSTEM}` } },
  ]);
});

test('e-mail, by SMTP', async () => {
  const mails = await tell('email');
  expect(mails.map(({ method, path }) => [method, path])).toEqual([
    ['MAIL', 'executives@lab.test'],
    ['MAIL', 'engineering@lab.test'],
  ]);
  expect(mails[0]).toMatchObject({
    headers: { 'x-lifeboat-workflow': `recovery/${SYSTEM}`, 'auto-submitted': 'auto-generated' },
    body: { from: 'lifeboat@lab.test', subject: NOTICE.subject, text: `${NOTICE.text}\n` },
  });
});

test('status page: opened, added to, resolved, and a repeat adds nothing', async () => {
  expect(await tell('statuspage')).toMatchObject([
    { method: 'POST', path: '/statuspage/v1/pages/teei/incidents', body: { incident: { status: 'investigating' } } },
  ]);
  expect(await tell('statuspage')).toEqual([]);
  const later = { kind: 'update', stage: 'identified', text: 'Service is being restored.' } as const;
  expect(await tell('statuspage', later)).toMatchObject([
    { method: 'PATCH', body: { incident: { body: later.text } } },
  ]);
  expect(await tell('statuspage', { stage: 'resolved' })).toMatchObject([{ method: 'PATCH' }]);
  expect(await tell('statuspage', { stage: 'resolved' })).toEqual([]);
});

test('no secret has come along', async () => {
  const text = JSON.stringify(await received());
  for (const name of ['slack', 'pagerduty', 'statuspage']) {
    expect(text).not.toContain(await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `${SYSTEM}/${name}`));
  }
});
