import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the lab's Alertmanager (0.25.0) posted, to the byte: when its Prometheus lost sight of a region, and when it saw
 * it again. `record-alertmanager.ts` records it anew.
 */
export function recorded(name: 'firing' | 'resolved'): string {
  return readFileSync(join(import.meta.dirname, '../../../fixtures/webhooks', `alertmanager-${name}.body`), 'utf8');
}

/**
 * Documented formats, not recordings: payloads as the vendors' documentation shows them, with invented data. What
 * `senders.ts` and `sns.ts` make of them (PagerDuty's other events, Grafana's resolved alerts, the confirmation of a
 * subscription) follows the same pages.
 *
 * - pagerduty: https://developer.pagerduty.com/docs/webhooks-overview ("Webhook Payload")
 * - grafana: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 * - cloudwatch-alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 * - standard: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function fixture<T = Record<string, unknown>>(
  name: 'pagerduty' | 'grafana' | 'cloudwatch-alarm' | 'standard',
): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../fixtures/webhooks', `${name}.json`), 'utf8'));
}
