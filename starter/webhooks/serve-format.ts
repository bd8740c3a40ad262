import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Secrets } from '../../activities/secrets.ts';
import { answerCounts } from './answers.ts';
import type { Format } from './format.ts';
import { type Desk, type HandedOver, handOver } from './hand-over.ts';
import { type Key, keysOf } from './keyring.ts';
import type { GatewayMetrics } from './metrics.ts';
import { parseJson } from './parse.ts';
import { WebhookRefused } from './refusal.ts';
import { Replays } from './replays.ts';

/** Deliveries of one format that are remembered at most: more than a storm brings in the window. */
const REPLAYS_MAX = 100_000;
/** Within which all is answered, in milliseconds. */
const ANSWER_BUDGET_MS = 4_500;

/** Problems of one webhook that are logged at most. */
const PROBLEMS_LOGGED = 20;
const REPLAYED: HandedOver = { accepted: 0, repeated: 1, unmatched: 0, forbidden: 0, malformed: 0 };

export interface Around {
  desk: Desk;
  secrets: Secrets;
  metrics: GatewayMetrics;
  log: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    keys: readonly Key[];
  }
}

/** Serves one format at `/webhooks/<source>`, in a scope of its own: who sends, is it new, what does it say. */
export function serveFormat(app: FastifyInstance, format: Format, around: Around): void {
  const { source } = format;
  const { metrics, log, secrets } = around;
  const replays = new Replays({ max: REPLAYS_MAX, ttlMs: Math.max(1, 2 * format.windowMs) });
  keepRawBodies(app, format);
  app.decorateRequest('keys');
  app.addHook('onRequest', async (request) => {
    request.keys = await keysOf(secrets, format.secret);
    format.precheck(request.headers, request.keys, Date.now());
  });
  app.addHook('onError', async (_request, _reply, error: Error & { statusCode?: number }) => {
    if (error instanceof WebhookRefused) metrics.refused.inc({ source, reason: error.reason });
    else if (error.statusCode === 413) metrics.refused.inc({ source, reason: 'too-large' });
  });
  app.addHook('onResponse', async (_request, reply) => {
    metrics.webhooks.inc({ source, status: reply.statusCode });
    metrics.seconds.observe({ source }, reply.elapsedTime / 1000);
  });
  app.post(`/webhooks/${source}`, { bodyLimit: format.bodyLimit }, async (request, reply) => {
    const { counts, malformed } = await take(request, reply, format, replays, around.desk);
    if (malformed.length > 0) log.warn({ source, problems: malformed.slice(0, PROBLEMS_LOGGED) }, 'alerts left out');
    for (const [outcome, count] of Object.entries(counts)) metrics.alerts.inc({ source, outcome }, count);
    log.info({ source, ...counts }, 'webhook');
    return answerCounts(reply, counts);
  });
}

/** Signatures are over bytes: nothing is parsed before they are checked. */
function keepRawBodies(app: FastifyInstance, { contentTypes }: Format): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...contentTypes], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

async function take(
  { headers, body: parsed, keys }: FastifyRequest,
  reply: FastifyReply,
  format: Format,
  replays: Replays,
  desk: Desk,
): Promise<{ counts: HandedOver; malformed: string[] }> {
  const nowMs = Date.now();
  const body = Buffer.isBuffer(parsed) ? parsed : Buffer.alloc(0);
  const { grant, delivery } = await format.authenticate({ headers, body, nowMs }, keys);
  if (delivery && replays.check(delivery)) return { counts: REPLAYED, malformed: [] };
  const translated = await format.translate(parseJson(body), new Date(nowMs).toISOString());
  const timeoutMs = Math.min(desk.timeoutMs, ANSWER_BUDGET_MS - reply.elapsedTime);
  const counts = await handOver({ ...desk, timeoutMs }, grant, translated);
  if (delivery && counts.forbidden === 0) replays.remember(delivery);
  return { counts, malformed: translated.malformed };
}
