import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Alert } from '../../../workflows/incident-messages.ts';
import type { FetchText } from '../fetch-text.ts';
import { type Format, whole } from '../format.ts';
import { checkFresh } from '../freshness.ts';
import { header } from '../headers.ts';
import type { Key } from '../keyring.ts';
import { parseJson, parsePayload, parseText } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';
import { isCertificateUrl, isSubscribeUrl } from '../sns/addresses.ts';
import { certificateKeys } from '../sns/certificates.ts';
import { isSigned, SnsMessage } from '../sns/message.ts';

/** CloudWatch writes `2026-11-21T07:00:00.000+0000`, which ISO readers refuse for want of a colon. */
const Time = z.string().refine((text) => Number.isFinite(Date.parse(text)), { error: 'expected a time' });

/**
 * What CloudWatch says through SNS when an alarm changes its state.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
const Alarm = z.object({
  AlarmName: z.string().min(1),
  AlarmArn: z.string().min(1),
  AWSAccountId: z.string(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().default(''),
  StateChangeTime: Time,
  Trigger: z
    .object({
      Namespace: z.string().optional(),
      MetricName: z.string().optional(),
      Dimensions: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .default({ Dimensions: [] }),
});
type Alarm = z.infer<typeof Alarm>;

/**
 * CloudWatch alarms through SNS. The secret holds the names (ARNs) of the topics that are listened to: whoever may
 * publish to one may speak. Messages must have signature version 2, which is an attribute of the topic. SNS delivers at
 * least once and tries for an hour at the most.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
 *
 * The published libraries take SHA-1 as well and fetch certificates on their own, without limits; hence `sns/`.
 */
export function cloudwatch(fetchText: FetchText): Format {
  const keyOf = certificateKeys(fetchText);
  return {
    source: 'cloudwatch',
    secret: 'gateway/cloudwatch',
    contentTypes: ['text/plain', 'application/json'],
    // A message of SNS has 256 KiB at the most, and quotation marks inside it are escaped.
    bodyLimit: 1024 * 1024,
    windowMs: 65 * 60_000,
    precheck: (headers, keys) => void pinned(topicOf(headers), keys),
    async authenticate({ body, nowMs }, keys) {
      const message = read(parseJson(body));
      const { grant } = pinned(message.TopicArn, keys);
      checkFresh(Date.parse(message.Timestamp), nowMs, this.windowMs);
      if (message.SignatureVersion !== '2') throw new WebhookRefused('signature', 'signature version 2 is required');
      if (!isCertificateUrl(message.SigningCertURL, message.TopicArn)) {
        throw new WebhookRefused('signature', 'the certificate is not where SNS keeps those of this region');
      }
      const key = await keyOf(message.SigningCertURL, nowMs);
      if (!isSigned(message, key)) throw new WebhookRefused('signature', 'the signature does not fit');
      return { grant, delivery: { id: message.MessageId, attempt: null } };
    },
    async translate(payload, receivedAt) {
      const message = read(payload);
      if (message.Type === 'SubscriptionConfirmation') await confirm(message, fetchText);
      if (message.Type === 'UnsubscribeConfirmation') {
        throw new WebhookRefused('unsubscribe', 'subscriptions are not ended from here');
      }
      if (message.Type !== 'Notification') return whole([]);
      const alarm = parsePayload(Alarm, parseText(message.Message), 'an alarm of CloudWatch');
      return whole([toAlert(alarm, receivedAt)]);
    },
  };
}

const read = (payload: unknown) => parsePayload(SnsMessage, payload, 'a message of SNS');
const topicOf = (headers: IncomingHttpHeaders) => header(headers, 'x-amz-sns-topic-arn');

function pinned(topicArn: string | undefined, keys: readonly Key[]): Key {
  const key = keys.find(({ value }) => value === topicArn);
  if (key) return key;
  throw new WebhookRefused('topic', 'this topic is not listened to');
}

/** Only what was signed gets here, and only the pinned topic's own address is visited. */
async function confirm({ SubscribeURL, TopicArn }: { SubscribeURL: string; TopicArn: string }, fetchText: FetchText) {
  if (!isSubscribeUrl(SubscribeURL, TopicArn)) {
    throw new WebhookRefused('topic', 'the address to subscribe at is not that of this topic');
  }
  await fetchText(SubscribeURL).catch(() => {
    throw new WebhookRefused('certificate', 'the subscription cannot be confirmed just now');
  });
}

/** Too little data fires: what does not report may be dead, and the incident's own facts tell. */
function toAlert(alarm: Alarm, receivedAt: string): Alert {
  const { AlarmName, AlarmArn, AWSAccountId, NewStateValue, NewStateReason, StateChangeTime } = alarm;
  const silent = NewStateValue === 'INSUFFICIENT_DATA' ? { silence: NewStateValue } : {};
  return {
    fingerprint: AlarmArn,
    status: NewStateValue === 'OK' ? 'resolved' : 'firing',
    name: AlarmName,
    labels: { ...dimensions(alarm), ...silent, source: 'cloudwatch', alertname: AlarmName, account: AWSAccountId },
    summary: NewStateReason,
    startsAt: new Date(StateChangeTime).toISOString(),
    receivedAt,
    source: 'cloudwatch',
  };
}

function dimensions({ Trigger: { Namespace, MetricName, Dimensions } }: Alarm): Record<string, string> {
  return {
    ...Object.fromEntries(Dimensions.map(({ name, value }) => [name, value])),
    ...(Namespace ? { namespace: Namespace } : {}),
    ...(MetricName ? { metric: MetricName } : {}),
  };
}
