import type { FastifyError, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { StarterError } from '../errors.ts';
import type { HandedOver } from './hand-over.ts';
import { WebhookRefused } from './refusal.ts';

/** When a sender that got 503 should come again. */
const RETRY_AFTER_SECONDS = 5;

/** 200 for all that was understood; 403 when there was something to hand over and the sender's key allowed none of it. */
export function answerCounts(reply: FastifyReply, counts: HandedOver): FastifyReply {
  const { accepted, repeated, forbidden } = counts;
  if (forbidden === 0 || accepted + repeated > 0) return reply.send(counts);
  return reply.code(403).send({ error: 'this key may not speak for the system of these alerts', ...counts });
}

/** Faults of the request keep their 4xx; 503 asks the sender to come again; anything else is a fault of the gateway. */
export function answerError(
  log: Logger,
  error: FastifyError | StarterError | WebhookRefused,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof StarterError) {
    log.warn({ reason: error.message }, 'Temporal did not take it');
    return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ error: error.message });
  }
  if (error instanceof WebhookRefused) return answerRefusal(log, reply, error);
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send({ error: error.message });
  log.error({ err: error }, 'webhook failed');
  return reply.code(500).send({ error: 'the gateway failed; its log says why' });
}

function answerRefusal(log: Logger, reply: FastifyReply, refused: WebhookRefused): FastifyReply {
  const { statusCode, message, problems } = refused;
  if (statusCode === 503) {
    log.warn({ reason: message, url: reply.request.routeOptions.url }, 'webhook not taken');
    reply.header('retry-after', RETRY_AFTER_SECONDS);
  }
  if (statusCode === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(statusCode).send({ error: message, ...(problems.length > 0 ? { problems } : {}) });
}
