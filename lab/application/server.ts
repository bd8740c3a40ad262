import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { ask, type Health, overall, type Probe } from './health.ts';
import { findOrder, type OrderParts, OrderRequest, takeOrder } from './orders.ts';

const PROBE_TIMEOUT_MS = 1500;

export interface Serving extends OrderParts {
  region: string;
  minReady: number;
  readyPods: () => number;
}

/** The application's HTTP interface. */
export function server(parts: Serving): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-region', parts.region);
  });
  addOrders(app, parts);
  addHealth(app, parts);
  app.get('/metrics', async (_request, reply) =>
    reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  );
  return app;
}

function addOrders(app: FastifyInstance, parts: Serving): void {
  app.post('/orders', async (request, reply) => {
    const order = OrderRequest.safeParse(request.body);
    if (!order.success) {
      parts.metrics.order('invalid');
      return reply.code(400).send({ error: order.error.issues.map((issue) => issue.message).join('; ') });
    }
    const pods = podHealth(parts);
    if (!pods.healthy) {
      parts.metrics.order('not-serving');
      return reply.code(503).send({ error: pods.detail });
    }
    const stop = parts.metrics.timeOrder();
    return answerOrder(reply, order.data, parts).finally(stop);
  });

  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const id = Number(request.params.id);
    if (!Number.isSafeInteger(id)) return reply.code(400).send({ error: 'an order id is a whole number' });
    const entry = await findOrder(id, parts).catch((cause: Error) => cause);
    if (entry instanceof Error) return reply.code(503).send({ error: entry.message });
    if (entry === null) return reply.code(404).send({ error: `no order ${id}` });
    return reply.type('application/json').send(entry);
  });
}

async function answerOrder(reply: FastifyReply, order: OrderRequest, parts: Serving): Promise<FastifyReply> {
  const stored = await takeOrder(order, parts).catch((cause: Error) => cause);
  if (stored instanceof Error) {
    parts.metrics.order('failed');
    parts.log.debug({ reason: stored.message }, 'an order failed');
    return reply.code(503).send({ error: stored.message });
  }
  if (stored === null) {
    parts.metrics.order('conflict');
    return reply.code(409).send({ error: `order ${order.id} belongs to another client` });
  }
  parts.metrics.order(stored.created ? 'created' : 'repeated');
  return reply
    .code(stored.created ? 201 : 200)
    .header('x-timeline', stored.timeline)
    .send({ id: order.id });
}

function addHealth(app: FastifyInstance, parts: Serving): void {
  const answered = (probe: () => Promise<void>) => async () => {
    await probe();
    return { healthy: true, detail: 'answers' };
  };
  const probes: Record<string, Probe> = {
    api: async () => podHealth(parts),
    database: async () => databaseHealth(parts),
    cache: answered(() => parts.cache.ping()),
    events: answered(() => parts.events.ping()),
    analytics: answered(() => parts.analytics.ping()),
  };
  for (const [name, probe] of Object.entries(probes)) {
    app.get(`/health/${name}`, async (_request, reply) => {
      const health = await ask(probe, PROBE_TIMEOUT_MS);
      return reply.code(health.healthy ? 200 : 503).send(health);
    });
  }
  app.get('/health', async (_request, reply) => {
    const asked = Object.entries(probes).map(
      async ([name, probe]) => [name, await ask(probe, PROBE_TIMEOUT_MS)] as const,
    );
    const all: Record<string, Health> = Object.fromEntries(await Promise.all(asked));
    const healthy = overall(all);
    return reply.code(healthy ? 200 : 503).send({ healthy, region: parts.region, parts: all });
  });
}

function podHealth({ readyPods, minReady, region }: Serving): Health {
  const ready = readyPods();
  const detail = `${ready} pods of "api" are ready in ${region}, ${minReady} are needed to serve`;
  return { healthy: ready >= minReady, detail };
}

async function databaseHealth({ database }: Serving): Promise<Health> {
  const writable = await database.writable();
  const target = database.target();
  const detail = `${target?.host}:${target?.port} ${writable ? 'takes writes' : 'is a standby'}`;
  return { healthy: writable, detail };
}
