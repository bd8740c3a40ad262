import { z } from 'zod';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { hmacSha256, isDigest } from '../constant-time.ts';
import { type Format, whole } from '../format.ts';
import { checkFresh } from '../freshness.ts';
import { header } from '../headers.ts';
import { parseJson, parsePayload } from '../parse.ts';
import { WebhookRefused } from '../refusal.ts';

const SIGNATURE = 'x-pagerduty-signature';

/** Every event has these; what is in `data` depends on its type. */
const Event = z.object({
  event: z.object({
    id: z.string().min(1).max(256),
    event_type: z.string(),
    occurred_at: z.iso.datetime({ offset: true }),
    data: z.unknown(),
  }),
});

const Reference = z.object({ id: z.string(), summary: z.string().nullish() });

const Incident = z.object({
  id: z.string().min(1),
  title: z.string(),
  urgency: z.string().nullish(),
  priority: Reference.nullish(),
  /** Null for an incident that was opened without one. */
  service: Reference.nullish(),
});

/** The events that change whether something is wrong; all others are answered and mean nothing here. */
const STATUS: ReadonlyMap<string, Alert['status']> = new Map([
  ['incident.triggered', 'firing'],
  ['incident.reopened', 'firing'],
  ['incident.resolved', 'resolved'],
]);

/**
 * PagerDuty's webhooks, version 3. Signatures are `v1=<hex>`, one per secret while secrets are exchanged. It delivers at
 * least once, with up to four repeats within about 20 minutes, and stops for a day after three answers of 4xx.
 * https://developer.pagerduty.com/docs/verifying-webhook-signatures
 * https://developer.pagerduty.com/docs/webhooks-overview
 */
export const pagerduty: Format = {
  source: 'pagerduty',
  secret: 'gateway/pagerduty',
  contentTypes: ['application/json'],
  // PagerDuty drops what is larger.
  bodyLimit: 256 * 1024,
  windowMs: 60 * 60_000,
  precheck: (headers) => void signatures(header(headers, SIGNATURE)),
  authenticate({ headers, body, nowMs }, keys) {
    const given = signatures(header(headers, SIGNATURE));
    const key = keys.find(({ value }) => {
      const digest = hmacSha256(value, body);
      return given.some((hex) => isDigest(digest, hex));
    });
    if (!key) throw new WebhookRefused('signature', 'no signature fits');
    const { event } = read(parseJson(body));
    checkFresh(Date.parse(event.occurred_at), nowMs, this.windowMs);
    return { grant: key.grant, delivery: { id: event.id, attempt: null } };
  },
  translate(payload, receivedAt) {
    const { event } = read(payload);
    const status = STATUS.get(event.event_type);
    if (status === undefined) return whole([]);
    const incident = parsePayload(Incident, event.data, 'an incident of PagerDuty');
    const startsAt = new Date(event.occurred_at).toISOString();
    return whole([toAlert(incident, { status, startsAt, receivedAt })]);
  },
};

const read = (payload: unknown) => parsePayload(Event, payload, 'a PagerDuty webhook of version 3');

function signatures(text: string | undefined): string[] {
  const given = (text ?? '').split(',').flatMap((each) => /^v1=([0-9a-f]{64})$/i.exec(each.trim())?.[1] ?? []);
  if (given.length > 0) return given;
  throw new WebhookRefused('signature', 'X-PagerDuty-Signature is missing or not of version v1');
}

/** Each change counts from when it occurred, since an incident that is opened again keeps its date of creation. */
function toAlert(
  { id, title, urgency, priority, service }: z.infer<typeof Incident>,
  state: Pick<Alert, 'status' | 'startsAt' | 'receivedAt'>,
): Alert {
  return {
    ...state,
    fingerprint: `pagerduty/${id}`,
    name: title,
    labels: {
      source: 'pagerduty',
      alertname: title,
      ...(service ? { service: service.summary ?? service.id, service_id: service.id } : {}),
      ...(urgency ? { urgency } : {}),
      ...(priority?.summary ? { priority: priority.summary } : {}),
    },
    summary: title,
    source: 'pagerduty',
  };
}
