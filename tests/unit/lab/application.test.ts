import type { V1Deployment } from '@kubernetes/client-node';
import { pino } from 'pino';
import type { Analytics } from '../../../lab/application/analytics.ts';
import type { Cache } from '../../../lab/application/cache.ts';
import type { Database, Order, StoredOrder } from '../../../lab/application/database.ts';
import type { Events } from '../../../lab/application/events.ts';
import { ask, overall } from '../../../lab/application/health.ts';
import { watchIntegrity } from '../../../lab/application/integrity.ts';
import { metrics } from '../../../lab/application/metrics.ts';
import { mustReadAgain, rolloutOf } from '../../../lab/application/rollout.ts';
import { server } from '../../../lab/application/server.ts';
import { eventually } from '../../../lab/eventually.ts';

describe('a rollout', () => {
  const deployment = (status: V1Deployment['status'], revision = '1'): V1Deployment => ({
    metadata: { generation: 2, annotations: { 'deployment.kubernetes.io/revision': revision } },
    spec: { replicas: 6, selector: {}, template: {} },
    ...(status === undefined ? {} : { status }),
  });
  const whole = { observedGeneration: 2, replicas: 6, updatedReplicas: 6, readyReplicas: 6 };

  test('is complete when all pods run the newest template and are ready', () => {
    expect(rolloutOf(deployment(whole))).toMatchObject({ complete: true, readyPods: 6 });
  });

  test.each([
    ['the controller has not seen the change yet', { ...whole, observedGeneration: 1 }],
    ['pods of the old template are still there', { ...whole, replicas: 8 }],
    ['not all pods are of the new template', { ...whole, updatedReplicas: 5 }],
    ['not all pods are ready', { ...whole, readyReplicas: 5 }],
    ['there is no status yet', undefined],
  ])('is not complete while %s', (_why, status) => {
    expect(rolloutOf(deployment(status)).complete).toBe(false);
  });

  test('makes pods read their environment again when it is complete and of another revision', () => {
    const first = rolloutOf(deployment(whole));
    const second = rolloutOf(deployment(whole, '2'));
    const under = rolloutOf(deployment({ ...whole, updatedReplicas: 3 }, '2'));
    expect(mustReadAgain(first, null)).toBe(true);
    expect(mustReadAgain(first, first.revision)).toBe(false);
    expect(mustReadAgain(under, first.revision)).toBe(false);
    expect(mustReadAgain(second, first.revision)).toBe(true);
  });
});

describe('integrity', () => {
  test('is what the database says of its pages, and unknown while it says nothing', async () => {
    let answer: () => Promise<number> = async () => 2;
    const watched = watchIntegrity({ checksumFailures: () => answer() }, 5);
    const failures = (wanted: number | null) =>
      eventually({ what: `${wanted} failures`, withinMs: 5_000, everyMs: 5 }, async () => {
        if (watched.checksumFailures() !== wanted) throw new Error(`${watched.checksumFailures()}`);
      });
    expect(watched.checksumFailures()).toBeNull();
    await failures(2);
    answer = async () => Promise.reject(new Error('refused'));
    await failures(null);
    watched.stop();
  });
});

describe('health', () => {
  test('says what was seen, or why nothing was', async () => {
    expect(await ask(async () => ({ healthy: true, detail: 'answers' }), 50)).toEqual({
      healthy: true,
      detail: 'answers',
    });
    expect(await ask(async () => Promise.reject(new Error('refused')), 50)).toEqual({
      healthy: false,
      detail: 'refused',
    });
    const silent = () => new Promise<never>(() => {});
    expect(await ask(silent, 20)).toEqual({ healthy: false, detail: 'no answer within 20 ms' });
  });

  test('a region is healthy when orders can be taken, whatever else is missing', () => {
    const good = { healthy: true, detail: '' };
    const bad = { healthy: false, detail: '' };
    expect(overall({ api: good, database: good, cache: bad, events: bad, analytics: bad })).toBe(true);
    expect(overall({ api: bad, database: good, cache: good })).toBe(false);
    expect(overall({ api: good, database: bad, cache: good })).toBe(false);
    expect(overall({})).toBe(false);
  });
});

describe('orders', () => {
  const order: Order = { id: 7, client: 'a', body: 'x' };
  const stored: StoredOrder = { created: true, timeline: 3, entry: '{"id":7}' };
  const nothing = async () => undefined;

  const database: Database = {
    pointTo: () => undefined,
    target: () => null,
    store: async () => stored,
    find: async () => null,
    writable: async () => true,
    checksumFailures: async () => 0,
    stop: nothing,
  };

  interface Parts {
    database: Database;
    cache: Cache;
    events: Events;
    analytics: Analytics;
  }

  /** The application around parts of the test's own. */
  function application({
    ready = 4,
    checksumFailures = null,
    ...own
  }: Partial<Parts> & { ready?: number; checksumFailures?: number | null } = {}) {
    const parts: Parts = {
      database,
      cache: { put: nothing, get: async () => null, ping: nothing, stop: () => undefined },
      events: { publish: nothing, ping: nothing, stop: nothing },
      analytics: { add: () => undefined, ping: nothing, stop: nothing },
      ...own,
    };
    const counted = metrics({
      region: 'us-east-1',
      database: 'shop',
      readyPods: () => ready,
      wantedPods: () => 6,
      target: parts.database.target,
      checksumFailures: () => checksumFailures,
    });
    const log = pino({ level: 'silent' });
    return server({ ...parts, metrics: counted, log, region: 'us-east-1', minReady: 4, readyPods: () => ready });
  }
  const withStore = (store: Database['store']): Partial<Parts> => ({
    database: { ...database, store },
  });
  const post = (app: ReturnType<typeof application>, payload: object = order) =>
    app.inject({ method: 'POST', url: '/orders', payload });

  test('checksum failures are told while they are known, and nothing is told while they are not', async () => {
    const told = async (checksumFailures: number | null) =>
      (await application({ checksumFailures }).inject('/metrics')).body
        .split('\n')
        .filter((line) => line.startsWith('database_checksum_failures'));
    expect(await told(3)).toEqual(['database_checksum_failures{database="shop",region="us-east-1"} 3']);
    expect(await told(0)).toEqual(['database_checksum_failures{database="shop",region="us-east-1"} 0']);
    expect(await told(null)).toEqual([]);
  });

  test('a new order is 201 and names region and timeline', async () => {
    const answer = await post(application());
    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ 'x-region': 'us-east-1', 'x-timeline': '3' });
  });

  test('a repeat is 200, an id of another client 409', async () => {
    expect((await post(application(withStore(async () => ({ ...stored, created: false }))))).statusCode).toBe(200);
    expect((await post(application(withStore(async () => null)))).statusCode).toBe(409);
  });

  test('with too few ready pods the database is not even asked', async () => {
    let asked = false;
    const store = async () => {
      asked = true;
      return stored;
    };
    const answer = await post(application({ ...withStore(store), ready: 3 }));
    expect(answer.statusCode).toBe(503);
    expect(answer.json().error).toBe('3 pods of "api" are ready in us-east-1, 4 are needed to serve');
    expect(asked).toBe(false);
  });

  test('a database that fails is 503 and says why, without a timeline', async () => {
    const answer = await post(application(withStore(async () => Promise.reject(new Error('connection refused')))));
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ error: 'connection refused' });
    expect(answer.headers['x-timeline']).toBeUndefined();
  });

  test('cache and events that fail or hang neither fail nor delay an order', async () => {
    const hangs = () => new Promise<never>(() => {});
    const fails = async () => Promise.reject(new Error('no'));
    const cache: Cache = { put: fails, get: hangs, ping: fails, stop: () => undefined };
    const answer = await post(application({ cache, events: { publish: hangs, ping: fails, stop: nothing } }));
    expect(answer.statusCode).toBe(201);
  });

  test('a repeat is not counted twice in analytics', async () => {
    const added: Order[] = [];
    const analytics: Analytics = { add: (one) => added.push(one), ping: nothing, stop: nothing };
    await post(application({ analytics }));
    await post(application({ analytics, ...withStore(async () => ({ ...stored, created: false })) }));
    expect(added).toEqual([order]);
  });

  test.each([{}, { ...order, id: 0 }, { ...order, id: 1.5 }, { ...order, client: '' }])(
    '%j is refused',
    async (body) => {
      expect((await post(application(), body)).statusCode).toBe(400);
    },
  );

  test('an order is read from the cache, and from the database when the cache has not got it or fails', async () => {
    const find = async (id: number) => (id === 7 ? '{"id":7,"from":"database"}' : null);
    const own = { database: { ...database, find } };
    const cached: Cache = { put: nothing, get: async () => '{"id":7,"from":"cache"}', ping: nothing, stop: () => {} };
    const broken: Cache = { ...cached, get: async () => Promise.reject(new Error('no')) };
    const get = (app: ReturnType<typeof application>, id: string) =>
      app.inject({ method: 'GET', url: `/orders/${id}` });
    expect((await get(application({ ...own, cache: cached }), '7')).json()).toEqual({ id: 7, from: 'cache' });
    expect((await get(application({ ...own, cache: broken }), '7')).json()).toEqual({ id: 7, from: 'database' });
    expect((await get(application(own), '7')).json()).toEqual({ id: 7, from: 'database' });
    expect((await get(application(own), '8')).statusCode).toBe(404);
    expect((await get(application(own), 'eight')).statusCode).toBe(400);
  });

  test('health asks each part, and metrics tell of orders, pods and the database', async () => {
    const standby = { ...database, target: () => ({ host: '127.0.0.20', port: 5432 }), writable: async () => false };
    const app = application({ database: standby });
    expect((await app.inject('/health/api')).statusCode).toBe(200);
    const answer = await app.inject('/health/database');
    expect([answer.statusCode, answer.json().detail]).toEqual([503, '127.0.0.20:5432 is a standby']);
    const all = await app.inject('/health');
    expect([all.statusCode, Object.keys(all.json().parts)]).toEqual([
      503,
      ['api', 'database', 'cache', 'events', 'analytics'],
    ]);
    await post(app);
    const { body } = await app.inject('/metrics');
    expect(body).toContain('orders_total{outcome="created",region="us-east-1"} 1');
    expect(body).toContain('ready_pods{region="us-east-1"} 4');
    expect(body).toContain('database_target{host="127.0.0.20",port="5432",region="us-east-1"} 1');
  });
});
