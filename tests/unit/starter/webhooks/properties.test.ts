import fc from 'fast-check';
import { type Harness, harness } from '../../../support/starter/webhooks/harness.ts';
import {
  alertmanager,
  cloudwatch,
  grafana,
  pagerduty,
  type Sender,
  standard,
} from '../../../support/starter/webhooks/senders.ts';
import { type Notary, notary, TOPIC } from '../../../support/starter/webhooks/sns.ts';

let signer: Notary;
let gateway: Harness;
let senders: Sender[];

beforeAll(async () => {
  signer = await notary();
  senders = [alertmanager, pagerduty, grafana, cloudwatch(signer), standard];
  gateway = await harness(senders, signer.fetchText);
});
afterAll(() => gateway.close());

const REFUSED = [400, 401, 403, 409, 413, 415];
const HEADERS = [
  'authorization',
  'x-pagerduty-signature',
  'x-grafana-alerting-signature',
  'x-grafana-alerting-timestamp',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
];
const seconds = () => String(Math.floor(Date.now() / 1000));
const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const printable = fc.stringMatching(/^[\x21-\x7e]{0,80}$/);
const value = fc.oneof(
  printable,
  hex,
  hex.map((text) => `v1=${text}`),
  fc.constant('Bearer x'),
  fc.constant('v1,AAAA'),
);
const headers = fc.dictionary(fc.constantFrom(...HEADERS), value);
const body = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.json().map(Buffer.from));
const source = fc.constantFrom('alertmanager', 'pagerduty', 'grafana', 'cloudwatch', 'standard');

async function answer(url: string, sent: Record<string, string>, payload: Uint8Array): Promise<number> {
  const basis = {
    'content-type': 'application/json',
    'x-amz-sns-topic-arn': TOPIC,
    'x-grafana-alerting-timestamp': seconds(),
    'webhook-timestamp': seconds(),
  };
  const request = { method: 'POST' as const, url, headers: { ...basis, ...sent }, payload: Buffer.from(payload) };
  return (await gateway.app.inject(request)).statusCode;
}

test('whatever is posted without a key is refused, and never breaks the gateway', async () => {
  await fc.assert(
    fc.asyncProperty(source, headers, body, async (name, sent, payload) => {
      expect(REFUSED).toContain(await answer(`/webhooks/${name}`, sent, payload));
    }),
    { numRuns: 3_000 },
  );
  expect(gateway.raised).toEqual([]);
  expect(gateway.logged.join('')).not.toContain('webhook failed');
}, 60_000);

test('one byte changed anywhere in a good webhook is one too many', async () => {
  const signed = senders.filter(({ source: name }) => name !== 'alertmanager');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...signed),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (sender, at, flip) => {
        const now = Date.now();
        const saying = {
          status: 'firing' as const,
          id: 'one',
          changedMs: now,
          sentMs: now,
          delivery: `delivery-${at}-${flip}`,
        };
        const sent = sender.send({ ...saying, key: sender.keys[0] });
        const payload = Buffer.from(sent.payload);
        const position = at % payload.length;
        payload[position] = (payload[position] ?? 0) ^ flip;
        const accepted = (await answer(sent.url, sent.headers, payload)) === 200;
        // SNS signs what a message means: some bytes of the JSON around it do not matter.
        expect(accepted && !(sender.source === 'cloudwatch' && meansTheSame(sent.payload, payload))).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
}, 60_000);

function meansTheSame(one: string, other: Buffer): boolean {
  const signedParts = (text: string) => {
    const { Message, MessageId, Subject, Timestamp, TopicArn, Type } = JSON.parse(text);
    return JSON.stringify([Message, MessageId, Subject, Timestamp, TopicArn, Type]);
  };
  return signedParts(one) === signedParts(other.toString('utf8'));
}

test('any JSON of an authentic sender is taken or refused in words, and never breaks the gateway', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (payload) => {
      const sent = { 'content-type': 'application/json', authorization: `Bearer ${alertmanager.keys[0]}` };
      expect([200, 400]).toContain(await answer('/webhooks/alertmanager', sent, Buffer.from(payload)));
    }),
    { numRuns: 1_000 },
  );
}, 60_000);
