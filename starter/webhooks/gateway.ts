import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Secrets } from '../../activities/secrets.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { answerError } from './answers.ts';
import { batched } from './batch.ts';
import { type FetchText, fetchText } from './fetch-text.ts';
import { formats } from './formats/index.ts';
import type { Incidents } from './incidents.ts';
import { logged } from './logged.ts';
import { type GatewayMetrics, gatewayMetrics } from './metrics.ts';
import { RecentAlerts } from './recent.ts';
import { serveFormat } from './serve-format.ts';

/**
 * The most impatient sender, PagerDuty, waits for 5 s; answering well before lets all of them retry sooner.
 * https://developer.pagerduty.com/docs/webhooks-behavior
 */
const TEMPORAL_TIMEOUT_MS = 4_000;
const REQUEST_TIMEOUT_MS = 5_000;
const READY_TIMEOUT_MS = 2_000;

/** Within this time, a repeat of an alert that Temporal has is not passed on. */
const REPEAT_TTL_MS = 30_000;
const REPEAT_MAX = 10_000;

/**
 * A storm of ten minutes makes some 6,000 signals and not 600,000. The window is most of the time that an answer takes in
 * a storm, so that it is well below what `npm run bench -- storm` allows.
 */
const BATCH = { windowMs: 100, maxBytes: 512 * 1024 };

export interface GatewayOptions {
  /** The systems it serves. */
  plans: readonly RecoveryPlan[];
  incidents: Incidents;
  secrets: Secrets;
  log: Logger;
  /** Within which Temporal must have the alerts, in milliseconds. @default 4000 */
  timeoutMs?: number;
  /** Where certificates come from and subscriptions are confirmed. @default HTTPS */
  fetchText?: FetchText;
}

/** The gateway: webhooks in, incidents out. It keeps nothing; 2xx is answered only once Temporal has the alerts. */
export function buildGateway(options: GatewayOptions): FastifyInstance {
  const { plans, incidents, secrets, log, timeoutMs = TEMPORAL_TIMEOUT_MS } = options;
  const metrics = gatewayMetrics();
  const recent = new RecentAlerts({ max: REPEAT_MAX, ttlMs: REPEAT_TTL_MS });
  const desk = { plans, incidents: batched(logged(incidents, log), BATCH), recent, timeoutMs };
  const app = Fastify({ requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: 'idle', logger: false });
  app.setErrorHandler<FastifyError>((error, _request, reply) => answerError(log, error, reply));
  health(app, incidents, metrics);
  for (const format of formats(options.fetchText ?? fetchText)) {
    app.register(async (scope) => serveFormat(scope, format, { desk, secrets, metrics, log }));
  }
  return app;
}

function health(app: FastifyInstance, incidents: Incidents, metrics: GatewayMetrics): void {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    await incidents.check(READY_TIMEOUT_MS);
    return reply.send({ status: 'ready' });
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
