import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';

/**
 * Gives each request of a server a span, which goes on with the trace that its headers name. What its handler asks of
 * Temporal becomes part of it. Does nothing where nothing is traced.
 */
export function traceRequests(app: FastifyInstance): void {
  const tracer = trace.getTracer('lifeboat');
  // Once the body is read: what reads it belongs to the connection, and would lose the context.
  app.addHook('preHandler', ({ headers, method, routeOptions }, reply, done) => {
    const parent = propagation.extract(context.active(), headers);
    const span = tracer.startSpan(`${method} ${routeOptions.url}`, { kind: SpanKind.SERVER }, parent);
    reply.raw.once('close', () => {
      span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    context.with(trace.setSpan(parent, span), done);
  });
}
