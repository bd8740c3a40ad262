import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { sameText } from '../constant-time.ts';
import type { Format } from '../format.ts';
import type { Grant, Key } from '../keyring.ts';
import { parsePayload, summaryOf } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';

const Labels = z.record(z.string(), z.string());

const AlertmanagerAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Labels,
  annotations: Labels.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().min(1),
});

/** What Grafana posts is built alike. Fields that nothing here needs are let through. */
export const AlertGroup = z.object({ alerts: z.array(AlertmanagerAlert).min(1) });

/**
 * The body that Alertmanager's `webhook_config` posts, version 4.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
const AlertmanagerPayload = z.object({ version: z.literal('4'), ...AlertGroup.shape });

/**
 * Alertmanager signs nothing: it shows a bearer token, and repeats itself by design, so that no repeat is a replay.
 */
export const alertmanager: Format = {
  source: 'alertmanager',
  secret: 'gateway/token',
  contentTypes: ['application/json'],
  bodyLimit: 1024 * 1024,
  windowMs: 0,
  precheck: (headers, keys) => void bearer(headers, keys),
  authenticate: ({ headers }, keys) => ({ grant: bearer(headers, keys), delivery: null }),
  translate(payload, receivedAt) {
    const { alerts } = parsePayload(AlertmanagerPayload, payload, 'an Alertmanager payload of version 4');
    return alerts.map((alert) => ({ ...toAlert(alert, receivedAt), source: 'alertmanager' }));
  },
};

function bearer(headers: IncomingHttpHeaders, keys: readonly Key[]): Grant {
  const given = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  // Every key is compared, so that the time taken does not say which one it was.
  const [found] = keys.filter(({ value }) => sameText(given, value));
  if (found) return found.grant;
  throw new WebhookRefused('signature', 'bearer token missing or wrong');
}

/** An alert of a group, in the one form that incidents know; the caller says whose it is. */
export function toAlert(
  { status, labels, annotations, startsAt, fingerprint }: z.infer<typeof AlertmanagerAlert>,
  receivedAt: string,
): Omit<Alert, 'source'> {
  return {
    fingerprint,
    status,
    name: labels['alertname'] ?? 'unnamed',
    labels,
    summary: summaryOf(annotations['summary'] ?? annotations['description'] ?? ''),
    startsAt: new Date(startsAt).toISOString(),
    receivedAt,
  };
}
