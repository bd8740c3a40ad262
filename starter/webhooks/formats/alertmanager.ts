import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { sameText } from '../constant-time.ts';
import type { Format, Translated } from '../format.ts';
import type { Grant, Key } from '../keyring.ts';
import { parsePayload, problemsOf } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';

/** Senders write numbers and nulls where texts belong: a null is left out, anything else is read as text. */
const Labels = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullish()
  .transform((labels) =>
    Object.fromEntries(
      Object.entries(labels ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, `${value}`]])),
    ),
  );

const AlertmanagerAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Labels,
  annotations: Labels,
  startsAt: z.iso.datetime({ offset: true }),
  /** Made of the labels where it is missing, as Alertmanager makes it. */
  fingerprint: z.string().nullish(),
});

/** What Grafana posts is built alike. Fields that nothing here needs are let through. */
export const AlertGroup = z.object({
  alerts: z.array(z.unknown()).min(1),
  /** How many alerts the sender left out. */
  truncatedAlerts: z.number().int().nonnegative().nullish(),
});

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
  // The token is checked before the body is read, and a sender that is told 413 never comes again.
  bodyLimit: 16 * 1024 * 1024,
  windowMs: 0,
  precheck: (headers, keys) => void bearer(headers, keys),
  authenticate: ({ headers }, keys) => ({ grant: bearer(headers, keys), delivery: null }),
  translate(payload, receivedAt) {
    const group = parsePayload(AlertmanagerPayload, payload, 'an Alertmanager payload of version 4');
    return translateGroup(group, receivedAt, 'alertmanager');
  },
};

function bearer(headers: IncomingHttpHeaders, keys: readonly Key[]): Grant {
  const given = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  // Every key is compared, so that the time taken does not say which one it was.
  const [found] = keys.filter(({ value }) => sameText(given, value));
  if (found) return found.grant;
  throw new WebhookRefused('signature', 'bearer token missing or wrong');
}

/** Reads the group's alerts one by one; throws `WebhookRefused` when none can be read. */
export function translateGroup(
  { alerts, truncatedAlerts }: z.infer<typeof AlertGroup>,
  receivedAt: string,
  source: 'alertmanager' | 'grafana',
): Translated {
  const read = alerts.map((alert) => AlertmanagerAlert.safeParse(alert));
  const malformed = read.flatMap(({ error }, index) => (error ? problemsOf(error, ['alerts', index]) : []));
  const good = read.flatMap(({ data }) => (data ? [gone(toAlert(data, receivedAt, source), data)] : []));
  if (good.length === 0) throw new WebhookRefused('malformed', 'not one alert of the group can be read', malformed);
  return { alerts: sayTruncated(good, truncatedAlerts ?? 0), malformed };
}

/** How many the sender left out goes with each that it sent: any of them may be nobody's. */
const sayTruncated = (alerts: Alert[], truncated: number): Alert[] =>
  truncated === 0 ? alerts : alerts.map((alert) => ({ ...alert, leftOut: truncated }));

/**
 * Grafana resolves an alert whose series is gone, and says why in an annotation: that it was well is not known.
 * https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/stale-alert-instances/
 */
function gone(alert: Alert, { annotations }: z.infer<typeof AlertmanagerAlert>): Alert {
  if (annotations['grafana_state_reason'] !== MISSING) return alert;
  return { ...alert, labels: { ...alert.labels, silence: MISSING }, summary: `${MISSING}: ${alert.summary}` };
}

const MISSING = 'MissingSeries';

/** An alert of a group, in the one form that incidents know. */
function toAlert(
  { status, labels, annotations, startsAt, fingerprint }: z.infer<typeof AlertmanagerAlert>,
  receivedAt: string,
  source: 'alertmanager' | 'grafana',
): Alert {
  return {
    fingerprint: fingerprint || fingerprintOf(labels),
    status,
    name: labels['alertname'] ?? 'unnamed',
    labels,
    summary: annotations['summary'] ?? annotations['description'] ?? '',
    startsAt: new Date(startsAt).toISOString(),
    receivedAt,
    source,
  };
}

function fingerprintOf(labels: Record<string, string>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
