import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { Store } from './received.ts';
import { StatusPages } from './status-pages.ts';

/**
 * Catches every POST and PATCH, whatever its path, and answers as the vendor of that path would: Slack below `/slack`,
 * PagerDuty below `/pagerduty`, Statuspage below `/statuspage`. `GET /received` answers all of it, oldest first; `DELETE /received` forgets it.
 */
export function server(store: Store): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  const pages = new StatusPages();
  const keep = ({ method, url: path, headers, body }: FastifyRequest) =>
    store.add({ method, path, headers, body: body ?? null });
  app.addHook('preHandler', async (request) => void (['GET', 'DELETE'].includes(request.method) || keep(request)));
  app.get('/received', async () => store.all());
  app.delete('/received', async (_, reply) => {
    store.clear();
    return reply.code(204).send();
  });
  app.post('/slack/api/chat.postMessage', async () => ({ ok: true, ts: `${Date.now() / 1000}` }));
  app.post<{ Body: { dedup_key?: string } }>('/pagerduty/v2/enqueue', async ({ body }, reply) =>
    reply.code(202).send({ status: 'success', message: 'Event processed', dedup_key: body.dedup_key }),
  );
  pages.serve(app, '/statuspage/v1');
  app.post('/*', async (_, reply) => reply.code(202).send({ received: true }));
  return app;
}
