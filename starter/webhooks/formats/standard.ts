import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { type Format, whole } from '../format.ts';
import { checkFresh, unixSeconds } from '../freshness.ts';
import { header } from '../headers.ts';
import { checkUtf8, parsePayload } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';

/** An alert of whatever has no format of its own here. Standard Webhooks leave `data` to both ends: this is ours. */
const StandardPayload = z.object({
  type: z.enum(['alert.firing', 'alert.resolved']),
  data: z.object({
    fingerprint: z.string().min(1).max(256),
    name: z.string().min(1),
    labels: z.record(z.string(), z.string()).default({}),
    summary: z.string().default(''),
    startsAt: z.iso.datetime({ offset: true }),
  }),
});

/**
 * Standard Webhooks, verified by their own library. A repeat of the sender's has the same id and a new timestamp.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standard: Format = {
  source: 'standard',
  secret: 'gateway/standard',
  contentTypes: ['application/json'],
  bodyLimit: 256 * 1024,
  windowMs: 5 * 60_000,
  precheck(headers, _keys, nowMs) {
    const { timestamp } = signed(headers);
    checkFresh(unixSeconds(timestamp), nowMs, this.windowMs);
  },
  authenticate({ headers, body, nowMs }, keys) {
    this.precheck(headers, keys, nowMs);
    const { id, timestamp, signature } = signed(headers);
    // The library signs texts, and bodies that are no UTF-8 could be the same text.
    checkUtf8(body);
    const verified = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    const key = keys.find(({ value }) => verifies(new Webhook(value), body, verified));
    if (!key) throw new WebhookRefused('signature', 'no signature fits');
    return { grant: key.grant, delivery: { id, attempt: timestamp } };
  },
  translate(payload, receivedAt) {
    const { type, data } = parsePayload(StandardPayload, payload, 'an alert as a standard webhook');
    return whole([toAlert(type === 'alert.firing' ? 'firing' : 'resolved', data, receivedAt)]);
  },
};

function signed(headers: IncomingHttpHeaders) {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signature = header(headers, 'webhook-signature');
  if (id && id.length <= 256 && timestamp && signature) return { id, timestamp, signature };
  throw new WebhookRefused('signature', 'webhook-id, webhook-timestamp or webhook-signature is missing');
}

function verifies(webhook: Webhook, body: Buffer, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function toAlert(
  status: Alert['status'],
  { fingerprint, name, labels, summary, startsAt }: z.infer<typeof StandardPayload>['data'],
  receivedAt: string,
): Alert {
  return {
    fingerprint: `standard/${fingerprint}`,
    status,
    name,
    labels: { alertname: name, ...labels },
    summary,
    startsAt: new Date(startsAt).toISOString(),
    receivedAt,
    source: 'standard',
  };
}
