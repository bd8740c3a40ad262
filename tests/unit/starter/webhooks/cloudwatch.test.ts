import { generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCertificateUrl, isSubscribeUrl } from '../../../../starter/webhooks/sns/addresses.ts';
import { certificateKeys } from '../../../../starter/webhooks/sns/certificates.ts';
import { fixture } from '../../../support/starter/webhooks/fixtures.ts';
import { type Harness, harness } from '../../../support/starter/webhooks/harness.ts';
import { cloudwatch } from '../../../support/starter/webhooks/senders.ts';
import {
  CERTIFICATE_URL,
  confirmation,
  type Message,
  type Notary,
  notary,
  notification,
  TOPIC,
} from '../../../support/starter/webhooks/sns.ts';

let signer: Notary;
let gateway: Harness;

beforeAll(async () => {
  signer = await notary();
});
beforeEach(async () => {
  signer.fetched.length = 0;
  gateway = await harness([cloudwatch(signer)], (url) => signer.fetchText(url));
});
afterEach(() => gateway.close());

const post = (message: Message) => gateway.post(signer.sent(message));
const alarm = (more: object = {}) => ({
  ...fixture('cloudwatch-alarm'),
  StateChangeTime: new Date().toISOString().replace('Z', '+0000'),
  ...more,
});
const good = (more: Message = {}) => notification(more, JSON.stringify(alarm()));

describe('what a message must be', () => {
  test('signed with version 2: version 1 is SHA-1', async () => {
    const answer = await post(good({ SignatureVersion: '1' }));
    expect(answer).toEqual({ status: 401, body: { error: 'signature version 2 is required' } });
  });

  test.each([
    ['another topic of the account', 'arn:aws:sns:us-east-1:123456789012:other'],
    ['the same topic of another account', 'arn:aws:sns:us-east-1:999999999999:lifeboat'],
    ['the same topic in another region', 'arn:aws:sns:eu-west-1:123456789012:lifeboat'],
    ['no topic', ''],
  ])('of a pinned topic, not %s', async (_what, TopicArn) => {
    expect((await post(good({ TopicArn }))).status).toBe(403);
    expect(signer.fetched).toEqual([]);
  });

  test('of the topic that its header names', async () => {
    const sent = signer.sent(good({ TopicArn: 'arn:aws:sns:us-east-1:123456789012:other' }));
    const disguised = { ...sent, headers: { ...sent.headers, 'x-amz-sns-topic-arn': TOPIC } };
    expect((await gateway.post(disguised)).status).toBe(403);
  });

  test('signed by SNS, not by a key of somebody else', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const message = good();
    const Signature = sign('sha256', Buffer.from(message['Message'] ?? ''), privateKey).toString('base64');
    const sent = signer.sent(message);
    const payload = JSON.stringify({ ...JSON.parse(sent.payload), Signature });
    expect((await gateway.post({ ...sent, payload })).status).toBe(401);
  });

  test.each(['Message', 'MessageId', 'Subject', 'Timestamp', 'Type'])('unaltered in its %s', async (name) => {
    const sent = signer.sent(good());
    const changed = name === 'Timestamp' ? new Date(Date.now() - 1_000).toISOString() : 'SubscriptionConfirmation';
    const payload = JSON.stringify({
      ...confirmation('SubscriptionConfirmation'),
      ...JSON.parse(sent.payload),
      [name]: changed,
    });
    expect((await gateway.post({ ...sent, payload })).status).toBe(401);
    expect(gateway.raised).toEqual([]);
  });

  test.each(['Message', 'MessageId', 'Timestamp', 'Signature', 'SigningCertURL', 'Type'])(
    'whole: with %s',
    async (name) => {
      const sent = signer.sent(good());
      const { [name]: _gone, ...rest } = JSON.parse(sent.payload);
      expect((await gateway.post({ ...sent, payload: JSON.stringify(rest) })).status).toBe(400);
    },
  );
});

test('a certificate that comes late leaves Temporal less time: all is answered within 5 s', async () => {
  const lateMs = 1_000;
  const late = await harness([cloudwatch(signer)], async (url) => {
    await sleep(lateMs);
    return signer.fetchText(url);
  });
  try {
    expect(await late.post(signer.sent(good()))).toMatchObject({ status: 200 });
    expect(late.temporal.withinMs).toBeLessThanOrEqual(4_500 - lateMs);
  } finally {
    await late.close();
  }
});

describe('where certificates come from', () => {
  test.each([
    'http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.us-east-1.amazonaws.com.example.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://example.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.us-east-1.amazonaws.com@example.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://s3.us-east-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.us-east-1.amazonaws.com/bucket/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem?x=1',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem#x',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem\n',
    'https://sns.us-east-1.amazonaws.com/../SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'https://169.254.169.254/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem',
    'file:///etc/passwd',
    '',
  ])('never %j', async (SigningCertURL) => {
    expect((await post(good({ SigningCertURL }))).status).toBe(401);
    expect(signer.fetched).toEqual([]);
  });

  test('once, however many messages need it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => post(good({ MessageId: `message-${at}` }))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(signer.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('in China, from there', () => {
    const url =
      'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.pem';
    expect(isCertificateUrl(url, 'arn:aws-cn:sns:cn-north-1:123456789012:lifeboat')).toBe(true);
    expect(isCertificateUrl(url, 'arn:aws:sns:cn-north-1:123456789012:lifeboat')).toBe(false);
  });

  test.each<[string, () => Promise<string>]>([
    ['cannot be fetched', () => Promise.reject(new Error('no route'))],
    ['is none', () => Promise.resolve('not a certificate')],
  ])('503 when it %s, and another try at the next message', async (_how, fetchText) => {
    const original = signer.fetchText;
    signer.fetchText = fetchText;
    expect((await post(good())).status).toBe(503);
    signer.fetchText = original;
    expect((await post(good())).status).toBe(200);
  });

  test('not before and not after the time that a certificate is valid for', async () => {
    const keyOf = certificateKeys(signer.fetchText);
    const day = 86_400_000;
    await expect(keyOf(CERTIFICATE_URL, Date.now() + 3 * day)).rejects.toThrow('not valid at this time');
    await expect(keyOf(CERTIFICATE_URL, Date.now() - day)).rejects.toThrow('not valid at this time');
    await expect(keyOf(CERTIFICATE_URL, Date.now())).resolves.toMatchObject({ asymmetricKeyType: 'rsa' });
  });
});

describe('subscriptions', () => {
  test('are confirmed for a pinned topic', async () => {
    const message = confirmation('SubscriptionConfirmation');
    expect((await post(message)).status).toBe(200);
    expect(signer.fetched).toEqual([CERTIFICATE_URL, message['SubscribeURL']]);
    expect(gateway.raised).toEqual([]);
  });

  test('are not confirmed without a signature that fits', async () => {
    const sent = signer.sent(confirmation('SubscriptionConfirmation'));
    const payload = JSON.stringify({ ...JSON.parse(sent.payload), Token: 'another' });
    expect((await gateway.post({ ...sent, payload })).status).toBe(401);
    expect(signer.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('are not ended', async () => {
    const answer = await post(confirmation('UnsubscribeConfirmation'));
    expect(answer).toEqual({ status: 403, body: { error: 'subscriptions are not ended from here' } });
    expect(signer.fetched).toEqual([CERTIFICATE_URL]);
  });

  test.each([
    ['another host', 'https://example.com/?Action=ConfirmSubscription'],
    ['another topic', `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}-2&Token=1`],
    ['another action', `https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&TopicArn=${TOPIC}&Token=1`],
    [
      'two actions',
      `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Action=DeleteTopic&TopicArn=${TOPIC}&Token=1`,
    ],
    ['another path', `https://sns.us-east-1.amazonaws.com/x?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=1`],
    ['a user in it', `https://x@sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=1`],
    ['no encryption', `http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=1`],
    ['no address', 'nowhere'],
  ])('never lead to %s', async (_where, SubscribeURL) => {
    expect(isSubscribeUrl(SubscribeURL, TOPIC)).toBe(false);
    expect((await post(confirmation('SubscriptionConfirmation', { SubscribeURL }))).status).toBe(403);
    expect(signer.fetched).toEqual([CERTIFICATE_URL]);
  });

  test('503 when the address does not answer, so that SNS asks again', async () => {
    const original = signer.fetchText;
    signer.fetchText = (url) => (url === CERTIFICATE_URL ? original(url) : Promise.reject(new Error('no route')));
    expect((await post(confirmation('SubscriptionConfirmation'))).status).toBe(503);
    signer.fetchText = original;
    expect((await post(confirmation('SubscriptionConfirmation'))).status).toBe(200);
  });
});

describe('what alarms mean', () => {
  const told = (more: object) => post(notification({}, JSON.stringify(alarm(more))));

  test('an alarm of the plan, translated', async () => {
    const StateChangeTime = new Date().toISOString().replace('Z', '+0000');
    await told({ StateChangeTime });
    expect(gateway.raised).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        status: 'firing',
        name: 'RegionUnreachable',
        labels: {
          system: 'teei-csr',
          source: 'cloudwatch',
          alertname: 'RegionUnreachable',
          account: '123456789012',
          namespace: 'AWS/Route53',
          metric: 'HealthCheckStatus',
        },
        summary: expect.stringContaining('Threshold Crossed'),
        startsAt: new Date(StateChangeTime).toISOString(),
        receivedAt: expect.stringMatching(/Z$/),
        source: 'cloudwatch',
      },
    ]);
  });

  test('too little data fires: what does not report may be dead', async () => {
    expect((await told({ NewStateValue: 'INSUFFICIENT_DATA' })).status).toBe(200);
    expect(gateway.raised).toMatchObject([{ status: 'firing', labels: { silence: 'INSUFFICIENT_DATA' } }]);
  });

  test('a dimension cannot take the place of what the gateway says itself', async () => {
    const Dimensions = [
      { name: 'source', value: 'pagerduty' },
      { name: 'alertname', value: 'RegionUnreachable' },
      { name: 'system', value: 'teei-csr' },
    ];
    expect((await told({ AlarmName: 'DiskFull', Trigger: { Dimensions } })).body).toMatchObject({ unmatched: 1 });
  });

  test.each([
    ['of another system', { Trigger: { Dimensions: [{ name: 'system', value: 'other' }] } }],
    ['that no rule names', { AlarmName: 'DiskFull' }],
  ])('an alarm %s is answered and counted', async (_which, more) => {
    expect(await told(more)).toMatchObject({ status: 200, body: { unmatched: 1, accepted: 0 } });
  });

  test('a message that is no alarm is refused with what is wrong', async () => {
    expect((await post(notification({}, 'hello'))).status).toBe(400);
    expect(await post(notification({ MessageId: 'two' }, '{"AlarmName":""}'))).toMatchObject({
      status: 400,
      body: { problems: expect.any(Array) },
    });
  });
});
