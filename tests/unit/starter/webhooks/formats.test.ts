import { type Harness, harness, secretOf } from '../../../support/starter/webhooks/harness.ts';
import {
  alertmanager,
  cloudwatch,
  grafana,
  pagerduty,
  type Saying,
  type Sender,
  type Sent,
  standard,
} from '../../../support/starter/webhooks/senders.ts';
import { type Notary, notary } from '../../../support/starter/webhooks/sns.ts';

let signer: Notary;
let gateway: Harness;
let count = 0;

/** Made once, since the names of tests are wanted before the notary is there. */
const aws: Sender = {
  source: 'cloudwatch',
  keys: cloudwatch({} as Notary).keys,
  send: (s) => cloudwatch(signer).send(s),
};
const SIGNED = [pagerduty, grafana, aws, standard];
const ALL = [alertmanager, ...SIGNED];
const named = (senders: Sender[]) => senders.map((sender) => [sender.source, sender] as const);

beforeAll(async () => {
  signer = await notary();
});
beforeEach(async () => {
  gateway = await harness(ALL, signer.fetchText);
});
afterEach(() => gateway.close());

/** Each is another alert and another delivery, unless told otherwise. */
function saying(sender: Sender, more: Partial<Saying> = {}): Saying {
  count += 1;
  const now = Date.now();
  const id = `alert-${count}`;
  return {
    status: 'firing',
    id,
    changedMs: now,
    sentMs: now,
    delivery: `delivery-${count}`,
    key: sender.keys[0],
    ...more,
  };
}
const send = (sender: Sender, more: Partial<Saying> = {}) => sender.send(saying(sender, more));
const counts = (more: object) => ({ accepted: 0, repeated: 0, unmatched: 0, forbidden: 0, malformed: 0, ...more });
const withHeader = (sent: Sent, name: string, value: string | null): Sent => {
  const { [name]: _old, ...rest } = sent.headers;
  return { ...sent, headers: value === null ? rest : { ...rest, [name]: value } };
};
const SIGNATURE: Record<string, string> = {
  alertmanager: 'authorization',
  pagerduty: 'x-pagerduty-signature',
  grafana: 'x-grafana-alerting-signature',
  standard: 'webhook-signature',
};

describe.each(named(ALL))('%s', (source, sender) => {
  test('takes a good webhook, firing and then resolved', async () => {
    const now = Date.now();
    const id = 'one';
    const firing = await gateway.post(send(sender, { id, changedMs: now - 2_000 }));
    const resolved = await gateway.post(send(sender, { id, status: 'resolved', changedMs: now - 1_000 }));
    expect([firing, resolved]).toEqual([
      { status: 200, body: counts({ accepted: 1 }) },
      { status: 200, body: counts({ accepted: 1 }) },
    ]);
    expect(gateway.raised.map((alert) => alert.status)).toEqual(['firing', 'resolved']);
    expect(new Set(gateway.raised.map((alert) => alert.fingerprint)).size).toBe(1);
    expect(gateway.raised[0]).toMatchObject({ source, startsAt: new Date(now - 2_000).toISOString() });
  });

  test('refuses a key that is not known', async () => {
    const { status } = await gateway.post(send(sender, { key: sender.keys[1] }));
    expect(status).toBe(source === 'cloudwatch' ? 403 : 401);
    expect(gateway.raised).toEqual([]);
  });

  test('takes the old and the new key while they are exchanged, and the old one no longer after', async () => {
    const [old, young] = sender.keys;
    gateway.secret(secretOf(source), old, young);
    expect((await gateway.post(send(sender, { key: old }))).status).toBe(200);
    expect((await gateway.post(send(sender, { key: young }))).status).toBe(200);
    gateway.secret(secretOf(source), young);
    expect((await gateway.post(send(sender, { key: old }))).status).toBeGreaterThanOrEqual(401);
    expect(gateway.raised).toHaveLength(2);
  });

  test('lets a key speak only for the systems that it is for', async () => {
    gateway.secret(secretOf(source), `${sender.keys[0]} another-system`);
    expect(await gateway.post(send(sender))).toMatchObject({ status: 403, body: { forbidden: 1 } });
    expect(gateway.raised).toEqual([]);
  });

  test.each([
    ['missing', () => gateway.noSecret(secretOf(source))],
    ['empty', () => gateway.secret(secretOf(source), '', '  ')],
  ])('answers 503 and says why when its secret is %s', async (_how, change) => {
    change();
    const answer = await gateway.post(send(sender));
    expect(answer).toEqual({ status: 503, body: { error: 'this gateway has no secret for webhooks of this format' } });
    expect(gateway.logged.join('')).toContain('no secret');
  });

  test('refuses what is larger than its limit, before anything else is done with it', async () => {
    const sent = send(sender);
    const answer = await gateway.post({ ...sent, payload: `${sent.payload}${' '.repeat(16 * 1024 * 1024)}` });
    expect(answer.status).toBe(413);
  });

  test('refuses other types of content', async () => {
    expect((await gateway.post(withHeader(send(sender), 'content-type', 'application/xml'))).status).toBe(415);
  });

  test('refuses an empty body', async () => {
    expect((await gateway.post({ ...send(sender), payload: '' })).status).toBeGreaterThanOrEqual(400);
    expect(gateway.raised).toEqual([]);
  });

  test('answers 503 while Temporal is down, and takes the very same webhook afterwards', async () => {
    const sent = send(sender);
    gateway.temporal.down = true;
    expect((await gateway.post(sent)).status).toBe(503);
    gateway.temporal.down = false;
    expect(await gateway.post(sent)).toEqual({ status: 200, body: counts({ accepted: 1 }) });
    expect(gateway.raised).toHaveLength(1);
  });

  test('says in its log neither keys nor what was posted', async () => {
    await gateway.post(send(sender));
    await gateway.post(send(sender, { key: sender.keys[1] }));
    for (const secret of [...sender.keys, 'does not answer']) expect(gateway.logged.join('')).not.toContain(secret);
  });
});

describe.each(named(SIGNED))('%s, signed', (source, sender) => {
  test('refuses a body that was altered after it was signed', async () => {
    const sent = send(sender);
    const payload = sent.payload.replace(/does not answer|Threshold Crossed/, 'is perfectly well');
    expect(payload).not.toBe(sent.payload);
    expect((await gateway.post({ ...sent, payload })).status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });

  test('refuses what is too old', async () => {
    const longAgo = Date.now() - 2 * 3_600_000;
    expect((await gateway.post(send(sender, { changedMs: longAgo, sentMs: longAgo }))).status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });

  test('refuses what comes from the future', async () => {
    const ahead = Date.now() + 120_000;
    expect((await gateway.post(send(sender, { changedMs: ahead, sentMs: ahead }))).status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });

  test('a replay has no effect, even after another alert', async () => {
    const sent = send(sender, { id: 'one' });
    await gateway.post(sent);
    await gateway.post(send(sender, { id: 'one', status: 'resolved', changedMs: Date.now() + 1 }));
    const replay = await gateway.post(sent);
    // PagerDuty and SNS repeat themselves without a new date, and give up on those who answer 4xx.
    const silent = source === 'pagerduty' || source === 'cloudwatch';
    expect(replay.status).toBe(silent ? 200 : 409);
    if (silent) expect(replay.body).toEqual(counts({ repeated: 1 }));
    expect(gateway.raised.map((alert) => alert.status)).toEqual(['firing', 'resolved']);
  });

  test('refuses another webhook under the signature of this one', async () => {
    const [one, other] = [send(sender), send(sender)];
    const crossed = source === 'cloudwatch' ? crossedSignature(one, other) : { ...one, payload: other.payload };
    expect((await gateway.post(crossed)).status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });

  test('refuses a body that is not UTF-8', async () => {
    const { url, headers } = send(sender);
    const payload = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
    const { statusCode } = await gateway.app.inject({ method: 'POST', url, headers, payload });
    expect([400, 401]).toContain(statusCode);
  });
});

/** The signature is inside the body here. */
function crossedSignature(one: Sent, other: Sent): Sent {
  const { Signature } = JSON.parse(one.payload);
  return { ...other, payload: JSON.stringify({ ...JSON.parse(other.payload), Signature }) };
}

describe.each(named([alertmanager, pagerduty, grafana, standard]))('%s, signed in a header', (source, sender) => {
  const name = SIGNATURE[source] as string;

  test.each<[string, (value: string) => string | null]>([
    ['missing', () => null],
    ['empty', () => ''],
    ['cut short', (value) => value.slice(0, -2)],
    ['lengthened', (value) => `${value}00`],
    ['of another version', (value) => value.replace(/v1|Bearer/, 'v2').replace(/^[0-9a-f]{2}/, 'zz')],
    ['of zeros', (value) => value.replace(/[0-9a-f]{64}|[^,]{44}$|token.*/, '0'.repeat(64))],
    ['a list without end', (value) => `${'v1=00,'.repeat(1000)}${value.slice(0, -2)}`],
  ])('refuses a signature that is %s', async (_how, change) => {
    const sent = send(sender);
    const answer = await gateway.post(withHeader(sent, name, change(sent.headers[name] as string)));
    expect(answer.status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });
});
