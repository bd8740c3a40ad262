import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { fixture } from './fixtures.ts';
import { alert, payload as alertmanagerPayload } from './payloads.ts';
import { type Notary, notification, TOPIC } from './sns.ts';

/** What a webhook says, and how its sender proves it. */
export interface Saying {
  status: 'firing' | 'resolved';
  /** The sender's own name of the alert. */
  id: string;
  /** When it started or ended, in milliseconds since 1970. */
  changedMs: number;
  /** When it is sent. */
  sentMs: number;
  /** The sender's id of the delivery. */
  delivery: string;
  /** Lines of the secret; the first signs. */
  key: string;
}

export interface Sent {
  url: string;
  headers: Record<string, string>;
  payload: string;
}

export interface Sender {
  source: 'alertmanager' | 'pagerduty' | 'grafana' | 'cloudwatch' | 'standard';
  /** Keys of the right form: today's, and another. */
  keys: [string, string];
  send(saying: Saying): Sent;
}

const iso = (ms: number) => new Date(ms).toISOString();
const hmac = (key: string, ...parts: string[]) => createHmac('sha256', key).update(parts.join('')).digest('hex');
const JSON_TYPE = { 'content-type': 'application/json' };

export const alertmanager: Sender = {
  source: 'alertmanager',
  keys: ['token-of-today', 'token-of-tomorrow'],
  send({ status, id, changedMs, key }) {
    const body = alertmanagerPayload(alert({ status, fingerprint: id, startsAt: iso(changedMs) }));
    const headers = { ...JSON_TYPE, authorization: `Bearer ${key}` };
    return { url: '/webhooks/alertmanager', headers, payload: JSON.stringify(body) };
  },
};

export const pagerduty: Sender = {
  source: 'pagerduty',
  keys: ['pagerduty-secret-of-today', 'pagerduty-secret-of-tomorrow'],
  send({ status, id, changedMs, delivery, key }) {
    const { event } = fixture<{ event: { data: object } }>('pagerduty');
    const type = status === 'firing' ? 'incident.triggered' : 'incident.resolved';
    const payload = JSON.stringify({
      event: { ...event, id: delivery, event_type: type, occurred_at: iso(changedMs), data: { ...event.data, id } },
    });
    const headers = { ...JSON_TYPE, 'x-pagerduty-signature': `v1=${hmac(key, payload)}` };
    return { url: '/webhooks/pagerduty', headers, payload };
  },
};

export const grafana: Sender = {
  source: 'grafana',
  keys: ['grafana-secret-of-today', 'grafana-secret-of-tomorrow'],
  send({ status, id, changedMs, sentMs, key }) {
    const group = fixture<{ alerts: object[] }>('grafana');
    const one = { ...group.alerts[0], status, fingerprint: id, startsAt: iso(changedMs) };
    const payload = JSON.stringify({ ...group, status, alerts: [one] });
    const timestamp = String(Math.floor(sentMs / 1000));
    const headers = {
      ...JSON_TYPE,
      'x-grafana-alerting-timestamp': timestamp,
      'x-grafana-alerting-signature': hmac(key, timestamp, ':', payload),
    };
    return { url: '/webhooks/grafana', headers, payload };
  },
};

export const standard: Sender = {
  source: 'standard',
  keys: [
    `whsec_${Buffer.from('standard-secret-of-today').toString('base64')}`,
    `whsec_${Buffer.from('standard-secret-of-tomorrow').toString('base64')}`,
  ],
  send({ status, id, changedMs, sentMs, delivery, key }) {
    const { data } = fixture<{ data: object }>('standard');
    const payload = JSON.stringify({
      type: `alert.${status}`,
      timestamp: iso(sentMs),
      data: { ...data, fingerprint: id, startsAt: iso(changedMs) },
    });
    const headers = {
      ...JSON_TYPE,
      'webhook-id': delivery,
      'webhook-timestamp': String(Math.floor(sentMs / 1000)),
      'webhook-signature': new Webhook(key).sign(delivery, new Date(sentMs), payload),
    };
    return { url: '/webhooks/standard', headers, payload };
  },
};

/** The keys of CloudWatch are topics: the notary signs for any. */
export const cloudwatch = (notary: Notary): Sender => ({
  source: 'cloudwatch',
  keys: [TOPIC, `${TOPIC}-2`],
  send({ status, id, changedMs, sentMs, delivery, key }) {
    const alarm = {
      ...fixture('cloudwatch-alarm'),
      AlarmArn: id,
      NewStateValue: status === 'firing' ? 'ALARM' : 'OK',
      StateChangeTime: iso(changedMs).replace('Z', '+0000'),
    };
    const message = notification({ MessageId: delivery, TopicArn: key, Timestamp: iso(sentMs) }, JSON.stringify(alarm));
    return notary.sent(message);
  },
});
