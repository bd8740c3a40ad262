import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What the gateway counts of itself, one registry per gateway. */
export function gatewayMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
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
      help: 'Webhooks refused, by source and reason: signature, stale, replay, malformed, too-large, topic, certificate, unsubscribe, unconfigured.',
      labelNames: ['source', 'reason'] as const,
      registers: [registry],
    }),
    alerts: new Counter({
      name: 'lifeboat_alerts_total',
      help: 'Alerts received, by what became of them: accepted, repeated, unmatched, forbidden, malformed.',
      labelNames: ['source', 'outcome'] as const,
      registers: [registry],
    }),
  };
}

export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;
