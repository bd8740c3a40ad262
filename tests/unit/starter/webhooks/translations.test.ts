import { createHmac } from 'node:crypto';
import { fixture } from '../../../support/starter/webhooks/fixtures.ts';
import { type Harness, harness } from '../../../support/starter/webhooks/harness.ts';
import { grafana, pagerduty, type Sent, standard } from '../../../support/starter/webhooks/senders.ts';

const never = () => Promise.reject(new Error('nothing is to be fetched'));
let gateway: Harness;
beforeEach(async () => {
  gateway = await harness([pagerduty, grafana, standard], never);
});
afterEach(() => gateway.close());

const NOW = () => new Date().toISOString();

describe('PagerDuty', () => {
  const { event } = fixture<{ event: { data: object } }>('pagerduty');
  let count = 0;

  function signed(more: object, signatures: (good: string) => string = (good) => good): Sent {
    count += 1;
    const payload = JSON.stringify({ event: { ...event, id: `event-${count}`, occurred_at: NOW(), ...more } });
    const good = `v1=${createHmac('sha256', pagerduty.keys[0]).update(payload).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'x-pagerduty-signature': signatures(good) };
    return { url: '/webhooks/pagerduty', headers, payload };
  }

  test('an incident, translated', async () => {
    const occurred_at = NOW();
    await gateway.post(signed({ occurred_at }));
    expect(gateway.raised).toEqual([
      {
        fingerprint: 'pagerduty/PINCIDENT00001',
        status: 'firing',
        name: 'us-east-1 does not answer',
        labels: {
          source: 'pagerduty',
          alertname: 'us-east-1 does not answer',
          service: 'teei-csr',
          service_id: 'PSERVIC',
          urgency: 'high',
          priority: 'P1',
        },
        summary: 'us-east-1 does not answer',
        startsAt: occurred_at,
        receivedAt: expect.stringMatching(/Z$/),
        source: 'pagerduty',
      },
    ]);
  });

  test.each(['v1=', 'v0=', ''])('takes any of several signatures, others beginning with %j', async (prefix) => {
    const other = `${prefix}${'0'.repeat(64)}`;
    expect((await gateway.post(signed({}, (good) => `${other},${good},${other}`))).status).toBe(200);
    expect(gateway.raised).toHaveLength(1);
  });

  test.each([
    ['incident.triggered', ['firing']],
    ['incident.reopened', ['firing']],
    ['incident.resolved', ['resolved']],
    ['incident.acknowledged', []],
    ['incident.priority_updated', []],
    ['service.updated', []],
    ['pagey.ping', []],
    ['constructor', []],
    ['__proto__', []],
  ])('the event %s means %j', async (event_type, statuses) => {
    expect((await gateway.post(signed({ event_type }))).status).toBe(200);
    expect(gateway.raised.map(({ status }) => status)).toEqual(statuses);
  });

  test('an incident without a service is read all the same', async () => {
    const data = { ...event.data, service: null };
    expect(await gateway.post(signed({ data }))).toMatchObject({ status: 200, body: { malformed: 0 } });
  });

  test('an incident of another service is answered and counted', async () => {
    const data = { ...event.data, service: { id: 'POTHER', summary: 'another' } };
    expect(await gateway.post(signed({ data }))).toMatchObject({ status: 200, body: { unmatched: 1 } });
  });

  test.each([
    ['without an incident', { data: null }],
    ['without a date', { occurred_at: 'yesterday' }],
    ['without an id', { id: '' }],
  ])('400 for an event %s', async (_what, more) => {
    expect((await gateway.post(signed(more))).status).toBe(400);
  });
});

describe('Grafana', () => {
  const send = (payload: string, timestamp = String(Math.floor(Date.now() / 1000))): Sent => ({
    url: '/webhooks/grafana',
    headers: {
      'content-type': 'application/json',
      'x-grafana-alerting-timestamp': timestamp,
      'x-grafana-alerting-signature': createHmac('sha256', grafana.keys[0])
        .update(`${timestamp}:${payload}`)
        .digest('hex'),
    },
    payload,
  });

  test.each(['DatasourceNoData', 'DatasourceError'])('%s of a known rule fires as that rule', async (alertname) => {
    const group = fixture<{ alerts: { labels: object }[] }>('grafana');
    const alerts = group.alerts.map((alert) => ({
      ...alert,
      labels: { ...alert.labels, alertname, rulename: 'RegionUnreachable' },
    }));
    expect(await gateway.post(send(JSON.stringify({ ...group, alerts })))).toMatchObject({ status: 200 });
    expect(gateway.raised).toMatchObject([
      { status: 'firing', name: 'RegionUnreachable', labels: { alertname: 'RegionUnreachable', silence: alertname } },
    ]);
  });

  test('MissingSeries of a known rule reaches its incident, which observes, and says that nothing was seen', async () => {
    const group = fixture<{ alerts: { annotations: object }[] }>('grafana');
    const alerts = group.alerts.map((alert) => ({
      ...alert,
      status: 'resolved',
      annotations: { ...alert.annotations, grafana_state_reason: 'MissingSeries' },
    }));
    expect(await gateway.post(send(JSON.stringify({ ...group, alerts })))).toMatchObject({ status: 200 });
    expect(gateway.raised).toMatchObject([
      { status: 'resolved', labels: { silence: 'MissingSeries' }, summary: expect.stringMatching(/^MissingSeries: /) },
    ]);
  });

  test('an alert, translated', async () => {
    await gateway.post(send(JSON.stringify(fixture('grafana'))));
    expect(gateway.raised).toMatchObject([
      {
        fingerprint: 'grafana/57c6d9296de2ad39',
        name: 'RegionUnreachable',
        labels: { alertname: 'RegionUnreachable', grafana_folder: 'Recovery', system: 'teei-csr' },
        summary: 'us-east-1 does not answer',
        startsAt: '2026-03-01T12:00:00.000Z',
        source: 'grafana',
      },
    ]);
  });

  test('requires the timestamp that is optional in Grafana', async () => {
    const payload = JSON.stringify(fixture('grafana'));
    const signature = createHmac('sha256', grafana.keys[0]).update(payload).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-grafana-alerting-signature': signature };
    expect((await gateway.post({ url: '/webhooks/grafana', headers, payload })).status).toBe(401);
  });

  test('refuses another timestamp than the signed one', async () => {
    const sent = send(JSON.stringify(fixture('grafana')));
    const later = String(Math.floor(Date.now() / 1000) + 1);
    const headers = { ...sent.headers, 'x-grafana-alerting-timestamp': later };
    expect((await gateway.post({ ...sent, headers })).status).toBe(401);
  });

  test.each(['', 'now', '-1', '1e12', '0x10', ' 1700000000', '999999999999999'])(
    'refuses the timestamp %j',
    async (timestamp) => {
      expect((await gateway.post(send(JSON.stringify(fixture('grafana')), timestamp))).status).toBe(401);
    },
  );

  test('takes the same alerts again when Grafana itself repeats them, and passes them on once', async () => {
    const payload = JSON.stringify(fixture('grafana'));
    const seconds = Math.floor(Date.now() / 1000);
    await gateway.post(send(payload, String(seconds - 5)));
    expect(await gateway.post(send(payload, String(seconds)))).toMatchObject({ status: 200, body: { repeated: 1 } });
    expect(gateway.raised).toHaveLength(1);
  });
});

describe('Standard Webhooks', () => {
  const saying = (more: object = {}) => {
    const now = Date.now();
    const basis = { status: 'firing' as const, id: 'one', changedMs: now, sentMs: now, delivery: 'msg_1' };
    return standard.send({ ...basis, key: standard.keys[0], ...more });
  };

  test('an alert, translated', async () => {
    await gateway.post(saying());
    expect(gateway.raised).toMatchObject([
      { fingerprint: 'standard/one', status: 'firing', name: 'RegionUnreachable', source: 'standard' },
    ]);
  });

  test.each([
    ['webhook-id', 'msg_2'],
    ['webhook-timestamp', String(Math.floor(Date.now() / 1000) - 60)],
  ])('refuses another %s than the signed one', async (name, value) => {
    const sent = saying();
    expect((await gateway.post({ ...sent, headers: { ...sent.headers, [name]: value } })).status).toBe(401);
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a webhook without %s', async (name) => {
    const sent = saying();
    const { [name]: _gone, ...headers } = sent.headers;
    expect((await gateway.post({ ...sent, headers })).status).toBe(401);
  });

  test('refuses the same id at the same time, and gives no effect to the same id sent anew', async () => {
    const now = Date.now();
    await gateway.post(saying({ sentMs: now - 5_000 }));
    expect((await gateway.post(saying({ sentMs: now - 5_000 }))).status).toBe(409);
    const other = saying({ sentMs: now, id: 'two' });
    expect(await gateway.post(other)).toMatchObject({ status: 200, body: { repeated: 1 } });
    expect(gateway.raised).toHaveLength(1);
  });

  test('takes any of several signatures', async () => {
    const sent = saying();
    const signature = `v1,${'A'.repeat(43)}= v1a,AAAA v1 ${sent.headers['webhook-signature']}`;
    const headers = { ...sent.headers, 'webhook-signature': signature };
    expect((await gateway.post({ ...sent, headers })).status).toBe(200);
  });

  test('a key that is no key is a fault of ours: 500, and the log says it', async () => {
    gateway.secret('gateway/standard', 'whsec_###');
    expect((await gateway.post(saying())).status).toBe(500);
    expect(gateway.logged.join('')).toContain('webhook failed');
    expect(gateway.logged.join('')).not.toContain('whsec_###');
  });
});
