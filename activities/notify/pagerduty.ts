import type { Notice } from '../../plan/report.ts';
import type { Secrets } from '../secrets.ts';
import { call } from './call.ts';
import type { Deliver } from './deliver.ts';

/** https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const SUMMARY_LENGTH = 1024;

/**
 * Triggers and resolves an alert in PagerDuty by Events API v2. All notices of a workflow have one deduplication key:
 * whoever is on call is paged once, what follows joins that alert, and a repeat changes nothing.
 */
export function pagerDuty(secrets: Secrets): Deliver<'pagerduty'> {
  return async ({ endpoint, routingKeySecret }, notice) => {
    const routingKey = await secrets.get(routingKeySecret);
    const event = pagerDutyEvent(notice);
    await call({ method: 'POST', url: `${endpoint}/v2/enqueue`, body: { routing_key: routingKey, ...event } });
    return notice.stage === 'resolved' ? 'resolved' : 'triggered';
  };
}

/** A notice as an event, without the routing key. */
export function pagerDutyEvent({ subject, text, kind, severity, stage, workflowId }: Notice): object {
  if (stage === 'resolved') return { event_action: 'resolve', dedup_key: workflowId };
  return {
    event_action: 'trigger',
    dedup_key: workflowId,
    payload: {
      summary: subject.slice(0, SUMMARY_LENGTH),
      source: workflowId,
      severity,
      class: kind,
      custom_details: { text, stage },
    },
  };
}
