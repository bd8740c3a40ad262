import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Payloads as the vendors' documentation shows them, with invented data.
 *
 * - pagerduty: https://developer.pagerduty.com/docs/webhooks-overview ("Webhook Payload")
 * - grafana: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 * - cloudwatch-alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 * - standard: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function fixture<T = Record<string, unknown>>(
  name: 'pagerduty' | 'grafana' | 'cloudwatch-alarm' | 'standard',
): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'));
}
