import type { IncomingHttpHeaders } from 'node:http';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { hmacSha256, isDigest } from '../constant-time.ts';
import type { Format } from '../format.ts';
import { checkFresh, unixSeconds } from '../freshness.ts';
import { header } from '../headers.ts';
import { parsePayload } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';
import { AlertGroup, translateGroup } from './alertmanager.ts';

/** The documented default of a contact point. */
const SIGNATURE = 'x-grafana-alerting-signature';
/** Grafana sends none unless the contact point names one: it has to be this. */
const TIMESTAMP = 'x-grafana-alerting-timestamp';

/**
 * Grafana's webhook contact point with an HMAC signature: hex, over `<unix seconds>:<body>`. Each attempt is dated anew.
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const grafana: Format = {
  source: 'grafana',
  secret: 'gateway/grafana',
  contentTypes: ['application/json'],
  bodyLimit: 1024 * 1024,
  windowMs: 5 * 60_000,
  precheck(headers, _keys, nowMs) {
    signature(headers);
    checkFresh(unixSeconds(header(headers, TIMESTAMP)), nowMs, this.windowMs);
  },
  authenticate({ headers, body, nowMs }, keys) {
    this.precheck(headers, keys, nowMs);
    const timestamp = header(headers, TIMESTAMP) ?? '';
    const hex = signature(headers);
    const key = keys.find(({ value }) => isDigest(hmacSha256(value, timestamp, ':', body), hex));
    if (!key) throw new WebhookRefused('signature', 'the signature does not fit');
    return { grant: key.grant, delivery: { id: hex.toLowerCase(), attempt: timestamp } };
  },
  translate(payload, receivedAt) {
    const group = parsePayload(AlertGroup, payload, 'a payload of a Grafana webhook');
    const { alerts, malformed } = translateGroup(group, receivedAt, 'grafana');
    // Fingerprints are made of labels alone: the same alert of Alertmanager would have the same.
    const own = alerts.map((alert) => ({ ...ofItsRule(alert), fingerprint: `grafana/${alert.fingerprint}` }));
    return { alerts: own, malformed };
  },
};

/** What Grafana sends in place of an alert whose data is missing. It names the rule, and what does not report may be dead. */
const SILENT = ['DatasourceNoData', 'DatasourceError'];

/** Such an alert counts as one of its rule. */
function ofItsRule(alert: Alert): Alert {
  const { alertname, rulename } = alert.labels;
  if (alertname === undefined || rulename === undefined || !SILENT.includes(alertname)) return alert;
  return {
    ...alert,
    name: rulename,
    labels: { ...alert.labels, alertname: rulename, silence: alertname },
    summary: `${alertname}: ${alert.summary}`,
  };
}

function signature(headers: IncomingHttpHeaders): string {
  const hex = header(headers, SIGNATURE);
  if (hex && /^[0-9a-f]{64}$/i.test(hex)) return hex;
  throw new WebhookRefused('signature', 'X-Grafana-Alerting-Signature is missing or not a digest');
}
