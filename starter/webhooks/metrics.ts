import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { SOURCES } from '../../workflows/incident-messages.ts';
import { OUTCOMES } from './hand-over.ts';
import { REASONS } from './refusal.ts';

/** Why webhooks are refused: their size is the framework's to refuse. */
const REFUSALS = [...REASONS, 'too-large'] as const;

/** Answers other than 200 that webhooks get. */
const STATUSES = ['400', '401', '403', '409', '413', '415', '500', '503'] as const;

/** What the gateway counts of itself, one registry per gateway. */
export function gatewayMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = registered(registry);
  // A series that begins with its first event hides it from increase().
  for (const source of SOURCES) {
    for (const status of ['200', ...STATUSES]) metrics.webhooks.inc({ source, status }, 0);
    for (const reason of REFUSALS) metrics.refused.inc({ source, reason }, 0);
    for (const outcome of OUTCOMES) metrics.alerts.inc({ source, outcome }, 0);
  }
  return metrics;
}

function registered(registry: Registry) {
  return {
    registry,
    webhooks: new Counter({
      name: 'lifeboat_webhooks_total',
      help: 'Webhooks answered, by source and HTTP status.',
      labelNames: ['source', 'status'] as const,
      registers: [registry],
    }),
    seconds: new Histogram({
      name: 'lifeboat_webhook_duration_seconds',
      help: 'Time from the request to the answer, by source.',
      labelNames: ['source'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4],
      registers: [registry],
    }),
    refused: new Counter({
      name: 'lifeboat_webhooks_refused_total',
      help: `Webhooks refused, by source and reason: ${REFUSALS.join(', ')}.`,
      labelNames: ['source', 'reason'] as const,
      registers: [registry],
    }),
    alerts: new Counter({
      name: 'lifeboat_alerts_total',
      help: `Alerts received, by what became of them: ${OUTCOMES.join(', ')}.`,
      labelNames: ['source', 'outcome'] as const,
      registers: [registry],
    }),
  };
}

export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;
