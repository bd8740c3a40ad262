import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { eventually } from '../../../../lab/eventually.ts';
import { type Lab, up } from '../../../../lab/lab.ts';
import { readSecret } from '../../../../lab/secrets.ts';
import type { Received } from '../../../../lab/sink/received.ts';
import { signingIn } from '../../../../lab/sns/certificate.ts';
import { closeClient, openClient } from '../../../../starter/client.ts';
import { EXIT } from '../../../../starter/exit-codes.ts';
import { fetchIncident } from '../../../../starter/recoveries.ts';
import type { IncidentStatus } from '../../../../workflows/incident-messages.ts';
import type { RecoveryStatus } from '../../../../workflows/recovery/messages.ts';
import { type KeyPair, makeKey } from '../../../support/starter/keys.ts';
import {
  alertmanager,
  cloudwatch,
  grafana,
  pagerduty,
  type Sender,
  standard,
} from '../../../support/starter/webhooks/senders.ts';
import { notary } from '../../../support/starter/webhooks/sns.ts';

/**
 * The commands about incidents, as processes, against the lab's own gateway, Temporal and workers. Neither region is
 * there, so that what they see is a disaster without a way out: people are asked, and asked again at the gate of whatever
 * they order.
 */

const MAIN = join(import.meta.dirname, '../../../../starter/cli/main.ts');
const SERVICES = ['third-place/gateway', 'third-place/worker', 'eu-central-1/worker', 'third-place/sink'];

let lab: Lab;
let stranger: KeyPair;
let senders: Sender[];
let client: Client;

beforeAll(async () => {
  stranger = await makeKey();
  lab = await up({ name: `cli-${process.pid}`, only: SERVICES });
  Object.assign(process.env, { TEMPORAL_ADDRESS: lab.wiring['TEMPORAL_ADDRESS'] });
  client = openClient();
  const signer = await notary(signingIn(join(lab.folder, 'third-place/gateway')));
  senders = [alertmanager, pagerduty, grafana, cloudwatch(signer), standard];
}, 300_000);
afterAll(async () => {
  rmSync(stranger.folder, { recursive: true });
  if (client !== undefined) await closeClient(client);
  await lab?.down();
}, 300_000);

/** Starts the CLI with the lab's wiring and nothing else that could steer it, patient as a busy machine needs it. */
function start(args: string[], more: Record<string, string> = {}) {
  const patient = args[0] === 'authority' ? [] : ['--timeout', '60s'];
  return execa(process.execPath, [MAIN, ...args, ...patient], {
    env: { PATH: process.env['PATH'] ?? '', HOME: stranger.folder, ...lab.wiring, ...more },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 120_000,
  });
}

async function lifeboat(args: string[], more: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await start(args, more);
  return { exitCode, stdout, stderr };
}

/** Resolves once a command that runs has said something. */
async function says({ stdout }: ReturnType<typeof start>, words: string): Promise<void> {
  let said = '';
  stdout.on('data', (text) => {
    said += text;
  });
  await eventually({ what: `"${words}"`, withinMs: 60_000 }, async () => {
    if (!said.includes(words)) throw new Error(said);
  });
}

const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await lifeboat([...args, '--json'])).stdout);

/** What the incident says, past the CLI. */
async function incident(): Promise<IncidentStatus> {
  const status = await fetchIncident(client, 'teei-csr', 20_000);
  if (status === null) throw new Error('no incident is open');
  return status;
}

/** The incident as soon as it fits. */
const incidentWhen = (what: string, fits: (status: IncidentStatus) => boolean) =>
  eventually({ what, withinMs: 60_000, everyMs: 500 }, async () => {
    const status = await incident();
    if (!fits(status)) throw new Error(status.summary);
    return status;
  });

async function received(path: string): Promise<Received[]> {
  const { host, port } = lab.endpoint('third-place/sink');
  const all = (await (await fetch(`http://${host}:${port}/received`)).json()) as Received[];
  return all.filter((each) => each.path === path);
}

/** When the region was first missed: a minute before the first post, which is long after this file was loaded. */
let began = 0;

/** A recorded payload of the format, dated now, as its sender posts it. */
async function post(sender: Sender, status: 'firing' | 'resolved') {
  const secret = sender.source === 'alertmanager' ? 'token' : sender.source;
  const key = await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] ?? '', `gateway/${secret}`);
  began ||= Date.now() - 60_000;
  const changedMs = status === 'firing' ? began : Date.now();
  const sent = sender.send({
    status,
    id: `${sender.source}-1`,
    changedMs,
    sentMs: Date.now(),
    delivery: randomUUID(),
    key,
  });
  const answer = await fetch(new URL(sent.url, lab.wiring['LIFEBOAT_GATEWAY_URL']), {
    method: 'POST',
    headers: sent.headers,
    body: sent.payload,
  });
  return { status: answer.status, counts: await answer.json() };
}

test('without an incident: none is listed, and there is none to show or to speak to', async () => {
  const listed = await lifeboat(['incidents']);
  expect([listed.exitCode, listed.stdout]).toEqual([EXIT.done, 'no incident is open']);
  for (const args of [
    ['incident', 'show', 'teei-csr'],
    ['acknowledge', 'teei-csr', '--reason', 'x', '--yes'],
  ]) {
    const { exitCode, stderr } = await lifeboat(args);
    expect([exitCode, stderr]).toEqual([EXIT.nothingRunning, 'lifeboat: no incident of teei-csr is open']);
  }
}, 300_000);

test('one recorded payload of each format makes one incident', async () => {
  for (const sender of senders) {
    const answer = await post(sender, 'firing');
    expect([sender.source, answer.status, answer.counts]).toEqual([
      sender.source,
      200,
      expect.objectContaining({ accepted: 1 }),
    ]);
  }
  const open = await json<IncidentStatus[]>('incidents');
  expect(open.map(({ workflowId }) => workflowId)).toEqual(['incident/teei-csr']);
  const { alerts } = await incidentWhen('all alerts', ({ counts }) => counts.firing === senders.length);
  expect(alerts.map(({ source }) => source).toSorted()).toEqual(senders.map(({ source }) => source).toSorted());
}, 300_000);

test('it is shown as somebody woken at 3 a.m. needs it, and the first of the path of escalation was paged', async () => {
  await incidentWhen('people are told', ({ notifications }) =>
    notifications.some(({ roles }) => roles.includes('on-call-sre')),
  );
  const { stdout } = await lifeboat(['incident', 'show', 'teei-csr']);
  expect(stdout).toMatch(/^incident of teei-csr {2}lab \(drill\) {2}open for .+, since \S+ \S+ UTC\n\n/);
  expect(stdout).toMatch(/\ndecision {2}ask-human, by rule region-lost\n {10}us-east-1 is unreachable from everywhere/);
  expect(stdout).toMatch(/\nasked {5}on-call-sre.*; unanswered for .+, since \d\d:\d\d:\d\d UTC\n/);
  expect(await json('incident', 'show', 'teei-csr')).toMatchObject({
    asked: { roles: expect.arrayContaining(['on-call-sre']), since: expect.any(String) },
  });
  expect(stdout).toContain('alerts: 5 firing, 0 resolved');
  expect(stdout).toMatch(/RegionUnreachable +for \d+m \d\ds +grafana +us-east-1 does not answer/);
  expect(stdout).toContain('us-east-1: UNREACHABLE');
  expect(stdout).toMatch(
    /\d\d:\d\d:\d\d {2}on-call-sre by on-call, in time: DRILL \[incident\] teei-csr: decision wanted/,
  );
  expect(stdout).toMatch(
    /npx lifeboat override teei-csr --scenario region-failover --reason "…" +# on-call-sre may override/,
  );
  const listed = await lifeboat(['incidents']);
  expect(listed.stdout).toContain('npx lifeboat incident show teei-csr');
  expect(await received('/pagerduty/v2/enqueue')).toMatchObject([
    { body: { event_action: 'trigger', dedup_key: 'incident/teei-csr', payload: { severity: 'critical' } } },
  ]);
}, 300_000);

test('a test alert goes the way of real ones', async () => {
  const sent = await lifeboat(['alert', 'send', 'teei-csr']);
  expect([sent.exitCode, sent.stdout]).toEqual([EXIT.done, 'taken; next: npx lifeboat incident show teei-csr']);
  expect(await json('alert', 'send', 'teei-csr', '--resolved')).toMatchObject({ accepted: 1, unmatched: 0 });
  const unknown = await lifeboat(['alert', 'send', 'teei-csr', '--name', 'Nothing']);
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    EXIT.usage,
    expect.stringContaining('it takes RegionUnreachable,'),
  ]);
  const nobody = await lifeboat(['alert', 'send', 'teei-csr', '--gateway', 'http://127.0.5.1:9', '--json']);
  expect([nobody.exitCode, JSON.parse(nobody.stdout).error.kind]).toEqual([EXIT.unreachable, 'unreachable']);
}, 300_000);

describe('override and acknowledge', () => {
  test('are refused to strangers, and when it is not clear what is meant, before anything is sent', async () => {
    const vague = await lifeboat(['override', 'teei-csr', '--reason', 'x', '--yes']);
    expect([vague.exitCode, vague.stderr]).toEqual([EXIT.usage, expect.stringContaining('which scenario? override: ')]);
    const foreign = ['override', 'teei-csr', '--scenario', 'region-failover', '--reason', 'x', '--yes'];
    const unknown = await lifeboat(foreign, { LIFEBOAT_KEY: stranger.file });
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      EXIT.usage,
      expect.stringContaining('of no approver of this plan'),
    ]);
    const early = await lifeboat(['acknowledge', 'teei-csr', '--reason', 'x', '--yes']);
    expect([early.exitCode, early.stderr]).toEqual([
      EXIT.refused,
      expect.stringContaining('has no recovery to acknowledge'),
    ]);
  }, 300_000);

  test('somebody who signs as another is refused by the incident, which keeps the attempt', async () => {
    const foreign = ['override', 'teei-csr', '--scenario', 'region-failover', '--reason', 'x', '--yes', '--json'];
    const refused = await lifeboat([...foreign, '--as', 'sre@lab.test', '--key', stranger.file]);
    expect([refused.exitCode, JSON.parse(refused.stdout).accepted]).toEqual([EXIT.refused, false]);
    expect((await incident()).approvals).toMatchObject([{ verb: 'override', accepted: false, identity: null }]);
  }, 300_000);

  test('an override starts the scenario, which is followed to its end, and then waits to be acknowledged', async () => {
    const watching = start(['status', 'teei-csr', '--watch']);
    await says(watching, 'no recovery has started yet');
    const ordered = await lifeboat([
      'override',
      'teei-csr',
      '--scenario',
      'region-failover',
      '--reason',
      'the probes are wrong',
      '--yes',
    ]);
    expect([ordered.exitCode, ordered.stdout]).toEqual([
      EXIT.done,
      'accepted: override: region-failover us-east-1 -> eu-central-1 ordered by sre@lab.test: the probes are wrong',
    ]);
    const question = await eventually({ what: 'the gate', withinMs: 60_000, everyMs: 500 }, async () => {
      const { recovery } = await json<{ recovery: RecoveryStatus | null }>('status', 'teei-csr');
      const [gate] = recovery?.gates ?? [];
      if (gate === undefined) throw new Error('no gate is open');
      return gate.question;
    });
    expect(question).toMatch(
      /FactsUnknown: .* cannot be told.*ordered all the same by sre@lab.test: the probes are wrong/,
    );
    const rejected = await json('reject', 'teei-csr', '--gate', 'approve', '--reason', 'they are right', '--yes');
    expect(rejected).toMatchObject({ accepted: true });
    const watched = await watching;
    expect(watched.exitCode).toBe(EXIT.refused);
    expect(watched.stdout).toContain('started by sre@lab.test: the probes are wrong');
    expect(watched.stdout).toMatch(/decision wanted: approve[\s\S]*open +for .+, since .+ UTC; expires in/);
    expect(watched.stdout).toMatch(/needs +on-call-sre: missing; sre@lab\.test may give it/);
    const { blockedUntil, recoveries } = await incidentWhen('the end', (status) => status.recoveries.length > 0);
    expect([recoveries.map(({ outcome }) => outcome), blockedUntil]).toEqual([['refused'], expect.any(String)]);
    const { stdout } = await lifeboat(['incident', 'show', 'teei-csr']);
    expect(stdout).toMatch(/blocked {3}none starts by itself before \d\d:\d\d:\d\d UTC/);
    expect(stdout).toContain('npx lifeboat acknowledge teei-csr --reason "…"');
    const seen = await json('acknowledge', 'teei-csr', '--reason', 'seen to it', '--yes');
    expect(seen).toMatchObject({ accepted: true, verb: 'acknowledge', identity: 'sre@lab.test' });
    expect(await incident()).toMatchObject({ blockedUntil: null, recoveries: [{ acknowledged: true }] });
  }, 300_000);
});

test('when everything is resolved with the region still dead, the incident stays open, and its page with it', async () => {
  for (const sender of senders) expect((await post(sender, 'resolved')).status).toBe(200);
  const { timeline } = await incidentWhen('silence', ({ counts }) => counts.firing === 0);
  expect(timeline.map(({ text }) => text)).toContainEqual(expect.stringContaining('monitoring went quiet'));
  const pages = (await received('/pagerduty/v2/enqueue')).map(({ body }) => body as Record<string, unknown>);
  const own = pages.filter((page) => page['dedup_key'] === 'incident/teei-csr');
  expect(own.length).toBeGreaterThan(0);
  expect(own.at(-1)).not.toMatchObject({ event_action: 'resolve' });
}, 300_000);

test('who may approve is told for any time, without Temporal', async () => {
  const nowhere = { TEMPORAL_ADDRESS: '127.0.5.1:9' };
  const asked = ['authority', 'who-can-approve', 'teei-csr', '--at', '2026-06-10T07:00:00Z'];
  const { exitCode, stdout } = await lifeboat(asked, nowhere);
  expect([exitCode, stdout]).toEqual([
    EXIT.done,
    [
      '2026-06-10T07:00:00.000Z, wed 03:00 in America/New_York: not business hours',
      '  on-call-sre: sre@lab.test',
      '  then executives are told within 30m',
      '  vp-engineering or cto may abort',
    ].join('\n'),
  ]);
  const answer = JSON.parse((await lifeboat([...asked, '--json'], nowhere)).stdout);
  expect(answer).toMatchObject({
    businessHours: false,
    scenario: null,
    needed: true,
    required: [{ role: 'on-call-sre', holders: ['sre@lab.test'] }],
  });
  const wrong = await lifeboat(['authority', 'who-can-approve', 'teei-csr', '--at', 'tomorrow'], nowhere);
  expect([wrong.exitCode, wrong.stderr]).toEqual([EXIT.usage, expect.stringContaining('2026-06-10T15:00:00Z')]);
}, 300_000);
