import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type Secrets, secretsFromFolder } from '../../../../activities/secrets.ts';
import type { RecoveryPlan } from '../../../../plan/recovery-plan.ts';
import { closeClient, openClient } from '../../../../starter/client.ts';
import { StarterError } from '../../../../starter/errors.ts';
import { buildGateway } from '../../../../starter/webhooks/gateway.ts';
import { type Incidents, incidentsInTemporal } from '../../../../starter/webhooks/incidents.ts';
import type { Alert } from '../../../../workflows/incident-messages.ts';
import { labPlan } from '../../../support/starter/plans.ts';
import { recorded } from '../../../support/starter/webhooks/fixtures.ts';
import { alert, payload } from '../../../support/starter/webhooks/payloads.ts';

const LABELS = { alertname: 'RegionUnreachable', system: 'teei-csr', severity: 'critical' };
const TOKEN = 'token-of-today';
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-gateway-'));
let plan: RecoveryPlan;

beforeAll(async () => {
  plan = await labPlan();
  mkdirSync(join(folder, 'gateway'));
});
beforeEach(() => tokens(TOKEN));
afterAll(() => rmSync(folder, { recursive: true }));

const tokens = (...lines: string[]) => writeFileSync(join(folder, 'gateway/token'), `${lines.join('\n')}\n`);

/** Takes note of what it is given, and can be told to fail. */
function recorder(fail: () => Error | null = () => null) {
  const raised: Alert[][] = [];
  const incidents: Incidents = {
    async raise(_plan, alerts) {
      const error = fail();
      if (error) throw error;
      raised.push(alerts);
    },
    async check() {
      const error = fail();
      if (error) throw error;
    },
  };
  return { raised, incidents };
}

function gateway(incidents: Incidents, logged: string[] = [], secrets: Secrets = secretsFromFolder(folder)) {
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  return buildGateway({ plans: [plan], incidents, secrets, log });
}

type Gateway = ReturnType<typeof gateway>;

async function post(app: Gateway, body: unknown, headers: Record<string, string> = {}) {
  return await app.inject({
    method: 'POST',
    url: '/webhooks/alertmanager',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Waits for an effect. */
async function seen(effect: () => boolean, deadlineMs = 5_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!effect()) {
    if (Date.now() > end) throw new Error('the effect was not seen in time');
    await sleep(10);
  }
}

describe('what it refuses', () => {
  const { raised, incidents } = recorder();
  let app: Gateway;
  beforeAll(() => {
    app = gateway(incidents);
  });
  afterAll(() => app.close());
  afterEach(() => expect(raised).toEqual([]));

  test.each([
    ['no token', { authorization: '' }],
    ['a wrong token', { authorization: 'Bearer token-of-yesterday' }],
    ['a prefix of the token', { authorization: 'Bearer token-of' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('401 for %s', async (_name, headers) => {
    const answer = await post(app, payload(), headers);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('403 when the token may not speak for the system', async () => {
    tokens(`${TOKEN} other-system`);
    expect((await post(app, payload())).statusCode).toBe(403);
  });

  test('400 with everything that is wrong', async () => {
    const problemsOf = async (body: object) => {
      const answer = await post(app, body);
      expect(answer.statusCode).toBe(400);
      return answer.json<{ problems: string[] }>().problems.map((problem) => problem.split(':')[0]);
    };
    const odd = { ...alert(), fingerprint: 7, startsAt: 'yesterday' };
    expect(await problemsOf({ version: '3', alerts: [odd], truncatedAlerts: 'many' })).toEqual([
      'version',
      'truncatedAlerts',
    ]);
    expect(await problemsOf({ version: '4', alerts: [odd, null] })).toEqual([
      'alerts.0.startsAt',
      'alerts.0.fingerprint',
      'alerts.1',
    ]);
  });

  test.each([
    ['half a JSON text', '{"version": "4", '],
    ['no alert at all', { ...payload(), alerts: [] }],
    ['a list', []],
    ['an empty body', ''],
  ])('400 for %s', async (_name, body) => {
    expect((await post(app, body)).statusCode).toBe(400);
  });

  test('413 beyond sixteen mebibytes, counted', async () => {
    const body = payload(alert({ annotations: { summary: 'x'.repeat(16 * 1024 * 1024) } }));
    expect((await post(app, body)).statusCode).toBe(413);
    const { body: metrics } = await app.inject('/metrics');
    expect(metrics).toContain('lifeboat_webhooks_refused_total{source="alertmanager",reason="too-large"} 1');
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])('415 for %s', async (type) => {
    expect((await post(app, payload(), { 'content-type': type })).statusCode).toBe(415);
  });

  test('404 for anything but POST', async () => {
    expect((await app.inject({ method: 'GET', url: '/webhooks/alertmanager' })).statusCode).toBe(404);
  });
});

describe('what it takes', () => {
  test("what the lab's Alertmanager posted, to the byte: an alert that fires, and the same one resolved", async () => {
    const { raised, incidents } = recorder();
    const app = gateway(incidents);
    const one = {
      fingerprint: '894c5244431302cc',
      name: 'RegionUnreachable',
      labels: {
        alertname: 'RegionUnreachable',
        instance: '127.0.0.10:8080',
        job: 'application',
        region: 'us-east-1',
        severity: 'critical',
        system: 'teei-csr',
      },
      summary: 'The application in us-east-1 cannot be reached.',
      startsAt: '2026-11-27T10:29:47.368Z',
      receivedAt: expect.any(String),
      source: 'alertmanager',
    };
    for (const status of ['firing', 'resolved'] as const) {
      const answer = await post(app, recorded(status));
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        { accepted: 1, repeated: 0, unmatched: 0, forbidden: 0, malformed: 0 },
      ]);
      expect(raised.at(-1)).toEqual([{ ...one, status }]);
    }
  });

  test('an odd alert costs only itself: the others are taken, and it is counted and named', async () => {
    const { raised, incidents } = recorder();
    const odd = [
      { annotations: null },
      { labels: { ...LABELS, shard: 7, owner: null } },
      { fingerprint: undefined, labels: { ...LABELS, pod: 'a' } },
      { status: 'perhaps' },
    ].map((change, index) => ({ ...alert(), fingerprint: `f${index}`, ...change }));
    const good = Array.from({ length: 63 }, (_, index) => ({ ...alert(), fingerprint: `good-${index}` }));
    const answer = await post(gateway(incidents), { ...payload(), alerts: [...odd, ...good], truncatedAlerts: 12 });
    expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ accepted: 66, malformed: 1 })]);
    const [first, second, third] = raised.flat();
    expect(first?.leftOut).toBe(12);
    expect(second?.labels).toEqual({ ...LABELS, shard: '7' });
    expect(third?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  test('what senders write is bounded in bytes, cut between characters; labels that rules match on are kept', async () => {
    const { raised, incidents } = recorder();
    const fat = {
      ...LABELS,
      ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`a${i}`, 'é'.repeat(9_000)])),
    };
    const long = '🛟'.repeat(600_000);
    const body = { ...alert(), fingerprint: long, labels: fat, annotations: { summary: long } };
    expect((await post(gateway(incidents), payload(body))).statusCode).toBe(200);
    const [kept] = raised.flat();
    expect(kept?.labels).toMatchObject({ alertname: 'RegionUnreachable', system: 'teei-csr' });
    expect(kept?.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(kept?.summary).toMatch(/^(🛟)+…$/u);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(8 * 1024);
  });

  test('alerts of the plan, translated', async () => {
    const { raised, incidents } = recorder();
    const answer = await post(gateway(incidents), payload());
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { accepted: 1, repeated: 0, unmatched: 0, forbidden: 0, malformed: 0 },
    ]);
    expect(raised).toEqual([
      [
        {
          fingerprint: 'b5c3a4f0f2a1d9e7',
          status: 'firing',
          name: 'RegionUnreachable',
          labels: { alertname: 'RegionUnreachable', system: 'teei-csr', severity: 'critical' },
          summary: 'us-east-1 does not answer',
          startsAt: '2026-03-01T12:00:00.123Z',
          receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          source: 'alertmanager',
        },
      ],
    ]);
  });

  test.each([
    ['of another system', { labels: { alertname: 'RegionUnreachable', system: 'other' } }],
    ['of no system', { labels: { alertname: 'RegionUnreachable' } }],
    ['that no rule of the plan names', { labels: { alertname: 'DiskFull', system: 'teei-csr' } }],
  ])('an alert %s is counted and goes no further', async (_name, more) => {
    const { raised, incidents } = recorder();
    const answer = await post(gateway(incidents), payload(alert(more)));
    expect([answer.statusCode, answer.json().unmatched, raised]).toEqual([200, 1, []]);
  });

  test('an old and a new token while they are exchanged', async () => {
    tokens('token-of-yesterday', TOKEN);
    const app = gateway(recorder().incidents);
    expect((await post(app, payload())).statusCode).toBe(200);
    expect((await post(app, payload(), { authorization: 'Bearer token-of-yesterday' })).statusCode).toBe(200);
    tokens(TOKEN);
    expect((await post(app, payload(), { authorization: 'Bearer token-of-yesterday' })).statusCode).toBe(401);
  });

  test('each state of an alert once, however often it is repeated', async () => {
    const { raised, incidents } = recorder();
    const app = gateway(incidents);
    const resolved = payload(alert({ status: 'resolved' }));
    for (const body of [payload(), payload(), resolved, resolved, payload()]) await post(app, body);
    expect(raised.flat().map(({ status }) => status)).toEqual(['firing', 'resolved', 'firing']);
  });

  test('repeats that come while the first is under way share its fate', async () => {
    let give: (error: Error | null) => void = () => {};
    let calls = 0;
    const incidents: Incidents = {
      async raise() {
        calls += 1;
        const error = await new Promise<Error | null>((resolve) => {
          give = resolve;
        });
        if (error) throw error;
      },
      check: async () => {},
    };
    let arrived = 0;
    const known = secretsFromFolder(folder);
    const secrets: Secrets = { ...known, get: (name) => known.get(name).finally(() => (arrived += 1)) };
    const app = gateway(incidents, [], secrets);
    await app.ready();
    const posts = [post(app, payload()), post(app, payload()), post(app, payload())];
    await seen(() => calls === 1 && arrived === posts.length);
    give(new StarterError('unreachable', 'gone'));
    expect((await Promise.all(posts)).map(({ statusCode }) => statusCode)).toEqual([503, 503, 503]);
    const again = post(app, payload());
    await seen(() => calls === 2);
    give(null);
    expect((await again).statusCode).toBe(200);
    expect(calls).toBe(2);
  });
});

describe('without Temporal', () => {
  test.each(['nobody listens', 'somebody listens and says nothing'])(
    '503 within the deadline when %s',
    async (how) => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => void sockets.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.5.1', resolve));
      const { port } = silent.address() as { port: number };
      if (how === 'nobody listens') await new Promise((resolve) => silent.close(resolve));
      process.env['TEMPORAL_ADDRESS'] = `127.0.5.1:${port}`;
      const client = openClient();
      const app = gateway(incidentsInTemporal(client));
      await app.ready();
      const started = performance.now();
      const answer = await post(app, payload());
      expect(performance.now() - started).toBeLessThan(9_000);
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
      expect((await app.inject('/readyz')).statusCode).toBe(503);
      expect((await app.inject('/healthz')).statusCode).toBe(200);
      await app.close();
      await closeClient(client);
      silent.close();
      for (const socket of sockets) socket.destroy();
    },
    30_000,
  );
});

describe('what it says of itself', () => {
  test('counts webhooks and alerts', async () => {
    const app = gateway(recorder().incidents);
    await post(app, payload());
    await post(app, payload());
    await post(app, 'no JSON');
    const { body } = await app.inject('/metrics');
    expect(body).toContain('lifeboat_webhooks_total{source="alertmanager",status="200"} 2');
    expect(body).toContain('lifeboat_webhooks_total{source="alertmanager",status="400"} 1');
    expect(body).toContain('lifeboat_alerts_total{source="alertmanager",outcome="accepted"} 1');
    expect(body).toContain('lifeboat_alerts_total{source="alertmanager",outcome="repeated"} 1');
    expect(body).toContain('lifeboat_webhook_duration_seconds_count{source="alertmanager"} 3');
  });

  test('counts from zero, so that the first refusal is an increase', async () => {
    const { body } = await gateway(recorder().incidents).inject('/metrics');
    for (const source of ['alertmanager', 'pagerduty', 'grafana', 'cloudwatch', 'standard']) {
      expect(body).toContain(`lifeboat_webhooks_total{source="${source}",status="413"} 0`);
      expect(body).toContain(`lifeboat_webhooks_refused_total{source="${source}",reason="too-large"} 0`);
      expect(body).toContain(`lifeboat_alerts_total{source="${source}",outcome="malformed"} 0`);
    }
  });

  test('logs neither tokens nor what was posted', async () => {
    const logged: string[] = [];
    const app = gateway(recorder().incidents, logged);
    await post(app, payload());
    await post(app, payload(), { authorization: 'Bearer token-of-yesterday' });
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join('')).not.toMatch(/token-of|us-east-1 does not answer/);
  });

  test('fails loudly, and retryably, when its secret is gone', async () => {
    rmSync(join(folder, 'gateway/token'));
    expect((await post(gateway(recorder().incidents), payload())).statusCode).toBe(503);
  });
});
