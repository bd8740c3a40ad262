import { timingSafeEqual } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import { z } from 'zod';
import { failure, page, success } from './envelope.ts';
import { type DnsRecord, fullName, NewRecord, PartialRecord } from './records.ts';
import { Refused, type Zone } from './zone.ts';

/**
 * The part of Cloudflare's API v4 that has to do with zones and their DNS records, for one zone. Paths, envelope and
 * error codes are Cloudflare's (https://developers.cloudflare.com/api/).
 */
export function server(zone: Zone, token: string): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send(failure(1004, error.message)),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(failure(7003, 'Could not route to this path, perhaps your object identifier is invalid?')),
  );
  app.addHook('onRequest', async (request, reply) => {
    if (hasToken(request.headers.authorization, token)) return;
    return reply.code(403).send(failure(9109, 'Invalid access token'));
  });
  app.register(async (routes) => addZones(routes, zone), { prefix: '/client/v4/zones' });
  app.register(async (routes) => addRecords(routes, zone), { prefix: '/client/v4/zones/:zone/dns_records' });
  return app;
}

function hasToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function addZones(routes: FastifyInstance, { id, name }: Zone): void {
  const shown = { id, name, status: 'active', paused: false, type: 'full' };
  routes.get<{ Querystring: { name?: string } }>('/', async ({ query }) =>
    page(query.name === undefined || query.name === name ? [shown] : []),
  );
  routes.get<{ Params: { zone: string } }>('/:zone', async ({ params }, reply) =>
    params.zone === id ? success(shown) : reply.code(404).send(failure(7003, 'Invalid zone identifier')),
  );
}

const Filter = z.object({ name: z.string(), type: z.string(), content: z.string() }).partial();
type Filter = z.infer<typeof Filter>;
/** What `POST /batch` takes, https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes */
const Id = z.object({ id: z.string() });
const Batch = z.object({
  deletes: z.array(Id).default([]),
  patches: z.array(Id.and(PartialRecord)).default([]),
  puts: z.array(Id.and(NewRecord)).default([]),
  posts: z.array(NewRecord).default([]),
});

type OneRecord = { Params: { zone: string; id: string } };

function addRecords(routes: FastifyInstance, zone: Zone): void {
  const notThere = failure(81044, 'Record does not exist.');
  const identical = failure(81058, 'An identical record already exists.');

  routes.addHook('preHandler', async (request, reply) => {
    if ((request.params as { zone: string }).zone === zone.id) return;
    return reply.code(404).send(failure(7003, 'Invalid zone identifier'));
  });
  routes.get('/', async ({ query }) => {
    const filter = Filter.parse(query);
    return page(zone.records().filter((record) => matches(record, filter, zone.name)));
  });
  routes.get<OneRecord>('/:id', async ({ params }, reply) => {
    const record = zone.find(params.id);
    return record === undefined ? reply.code(404).send(notThere) : success(record);
  });
  routes.post('/', async ({ body }, reply) => {
    const wanted = NewRecord.safeParse(body);
    if (!wanted.success) return reply.code(400).send(failure(9005, z.prettifyError(wanted.error)));
    const created = await zone.create(wanted.data);
    return created === null ? reply.code(400).send(identical) : success(created);
  });
  routes.post('/batch', async ({ body }, reply) => {
    const wanted = Batch.safeParse(body);
    if (!wanted.success) return reply.code(400).send(failure(9005, z.prettifyError(wanted.error)));
    try {
      return success(await zone.batch(wanted.data));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.reason === 'not-there' ? reply.code(404).send(notThere) : reply.code(400).send(identical);
    }
  });
  routes.route<OneRecord>({
    method: ['PATCH', 'PUT'],
    url: '/:id',
    handler: async ({ method, params, body }, reply) => {
      const old = zone.find(params.id);
      if (old === undefined) return reply.code(404).send(notThere);
      // PATCH keeps what it does not name, PUT puts the defaults there.
      const wanted = NewRecord.safeParse(method === 'PATCH' ? { ...old, ...(body as object) } : body);
      if (!wanted.success) return reply.code(400).send(failure(9005, z.prettifyError(wanted.error)));
      return success(await zone.replace(old.id, wanted.data));
    },
  });
  routes.delete<OneRecord>('/:id', async ({ params }, reply) =>
    (await zone.remove(params.id)) ? success({ id: params.id }) : reply.code(404).send(notThere),
  );
}

function matches(record: DnsRecord, { name, type, content }: Filter, zone: string): boolean {
  return (
    (name === undefined || record.name === fullName(name, zone)) &&
    (type === undefined || record.type === type) &&
    (content === undefined || record.content === content)
  );
}
