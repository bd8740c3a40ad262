import { Redis } from 'ioredis';
import pg from 'pg';
import { cacheActivities } from '../../../../activities/cache/index.ts';
import type { StepWithDatabase } from '../../../../activities/contract.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { readSecret } from '../../../../lab/secrets.ts';
import { startLab } from '../../../support/activities/lab.ts';
import {
  type Attempt,
  attempt,
  depsOf,
  FROM,
  recoveryRef,
  stepOf,
  TO,
  wired,
} from '../../../support/activities/step.ts';
import { DATABASE, SYSTEM } from '../../../support/lab/shape.ts';

/** The lab's primary region takes the part of the one that takes over: its database accepts writes from the start. */
const REGION = FROM;
const ROWS = 2_500;
/** The key that says whose turn it is. */
const MARK = 1;
const QUERY = "SELECT 'teei:order:' || id AS key, body AS value FROM orders ORDER BY id";

/** Waits for a moment of a step, without a pause in which it would go on; the step must not end before. */
async function during(running: Promise<unknown>, reached: () => boolean): Promise<void> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  running.then(end, end);
  while (!reached()) {
    if (ended) throw new Error(`the step ended first: ${await running}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Redis', () => {
  let lab: Lab;
  let redis: Redis;
  let database: pg.Client;
  let secrets: string;

  beforeAll(async () => {
    lab = await startLab('cache', [`${REGION}/redis`, 'tables']);
    redis = new Redis({ ...lab.endpoint(`${REGION}/redis`) });
    secrets = lab.wiring['LIFEBOAT_SECRETS_DIR'] as string;
    database = new pg.Client({
      ...lab.endpoint(`${REGION}/postgres`),
      database: DATABASE,
      user: 'application',
      password: await readSecret(secrets, `${SYSTEM}/postgres-application`),
    });
    await database.connect();
    await database.query(
      `INSERT INTO orders (id, client, region, body) SELECT n, 'test', 'test', 'body ' || n FROM generate_series(1, ${ROWS}) n`,
    );
  }, 90_000);

  afterAll(async () => {
    await database?.end().catch(() => {});
    redis?.disconnect();
    await lab?.down();
  });

  beforeEach(() => redis.flushall());

  interface Wished {
    query?: string;
    prefix?: string;
    ttl?: number;
    redisPort?: number;
    postgresPort?: number;
  }

  function step({ query = QUERY, prefix = 'teei:', ttl, redisPort, postgresPort }: Wished = {}): StepWithDatabase {
    const everywhere = (location: object) => ({ [FROM]: location, [TO]: location });
    const cache = lab.endpoint(`${REGION}/redis`);
    const { host, port } = lab.endpoint(`${REGION}/postgres`);
    const component = wired('cache', 'redis', {
      shared: { database: 'database', prefix, entries: [{ query, ...(ttl && { ttl }) }] },
      regions: everywhere({ ...cache, port: redisPort ?? cache.port }),
    });
    const ofDatabase = wired('database', 'postgres-streaming', {
      shared: {
        database: DATABASE,
        user: 'lifeboat',
        passwordSecret: `${SYSTEM}/postgres`,
        tls: 'disable',
        replication: 'asynchronous',
      },
      regions: everywhere({ host, port: postgresPort ?? port }),
    });
    return { ...stepOf(component), database: ofDatabase };
  }

  const rebuild = (wished: Wished = {}, options = {}) =>
    attempt(cacheActivities(depsOf(secrets)).rebuildCache, step(wished), options);

  test('empties what is its own, and fills it from the database', async () => {
    await redis.mset('teei:order:1', 'stale', 'teei:order:9999', 'gone', 'other:1', 'kept', 'teeix', 'kept');
    const result = await rebuild({ ttl: 3_600 });
    expect(result.changed).toBe(true);
    expect(result.detail).toMatch(/^2,500 keys in \d+\.\d s; 2 keys removed first$/);
    expect(await redis.mget('teei:order:1', `teei:order:${ROWS}`)).toEqual(['body 1', `body ${ROWS}`]);
    expect(await redis.exists('teei:order:9999')).toBe(0);
    expect(await redis.mget('other:1', 'teeix')).toEqual(['kept', 'kept']);
    expect(await redis.dbsize()).toBe(2 + ROWS + MARK);
    expect(await redis.ttl('teei:order:1')).toBeGreaterThan(3_500);
  });

  test('does the same a second time, and sets no expiry when none is wished', async () => {
    await rebuild();
    const again = await rebuild();
    expect(again.detail).toMatch(/^2,500 keys in \d+\.\d s; 2,500 keys removed first$/);
    expect(await redis.dbsize()).toBe(ROWS + MARK);
    expect(await redis.ttl('teei:order:1')).toBe(-1);
  });

  test('makes room in a Redis that is full and evicts nothing', async () => {
    await redis.mset(
      Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`teei:order:old-${n}`, 'x'.repeat(2_000)])),
    );
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.config('SET', 'maxmemory', String(used - 1_000_000));
    try {
      await expect(redis.set('other', 'x')).rejects.toThrow('OOM');
      expect(await rebuild({})).toMatchObject({ changed: true, detail: expect.stringContaining('5,000 keys removed') });
      expect(await redis.dbsize()).toBe(ROWS + MARK);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  test('takes a prefix for text and no pattern', async () => {
    await redis.mset('t[e]*:1', 'mine', 'te:1', 'kept', 't[e]x:1', 'kept');
    await rebuild({ prefix: 't[e]*:', query: "SELECT 't[e]*:2' AS key, 'new' AS value" });
    expect((await redis.keys('*')).toSorted()).toEqual(['lifeboat:turn:t[e]*:', 't[e]*:2', 't[e]x:1', 'te:1']);
  });

  test('keeps what the workloads write while it fills', async () => {
    // The rows come one after the other, so that there is a while in between.
    const query = "SELECT 'teei:order:' || n AS key, 'old' AS value FROM generate_series(1, 1500) n, pg_sleep(0.3)";
    const heartbeats: unknown[] = [];
    const filling = rebuild({ query }, { heartbeats });
    await during(filling, () => heartbeats.length > 0);
    await redis.set('teei:order:1499', 'newer');
    await filling;
    expect(await redis.mget('teei:order:1498', 'teei:order:1499')).toEqual(['old', 'newer']);
  });

  test('refuses rows whose keys the next rebuild would not find', async () => {
    await expect(rebuild({ query: "SELECT 'order:1' AS key, 'x' AS value" })).rejects.toMatchObject({
      type: 'WiringInvalid',
      nonRetryable: true,
    });
    expect(await redis.exists('order:1')).toBe(0);
  });

  test('refuses a query that is wrong', async () => {
    await expect(rebuild({ query: 'SELECT nothing FROM nowhere' })).rejects.toMatchObject({ type: 'WiringInvalid' });
  });

  test('lets no query change the database', async () => {
    const query = "WITH gone AS (DELETE FROM orders RETURNING *) SELECT 'teei:' AS key, '' AS value FROM gone";
    await expect(rebuild({ query })).rejects.toMatchObject({ type: 'WiringInvalid' });
    const { rows } = await database.query('SELECT count(*)::int AS n FROM orders');
    expect(rows[0].n).toBe(ROWS);
  });

  test('leaves the cache alone when the database cannot be reached', async () => {
    await redis.set('teei:order:1', 'stale');
    await expect(rebuild({ postgresPort: 1 })).rejects.toMatchObject({ type: 'NotReached', nonRetryable: false });
    expect(await redis.get('teei:order:1')).toBe('stale');
  });

  test('says why Redis cannot be reached', async () => {
    await expect(rebuild({ redisPort: 1 })).rejects.toMatchObject({
      type: 'NotReached',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('stops between batches when it is cancelled', async () => {
    await expect(rebuild({}, { cancelWhen: '1000 keys written' })).rejects.toThrow(/CANCEL/i);
    expect(await redis.dbsize()).toBe(1_000 + MARK);
  });

  describe('an executor that comes late', () => {
    const rebuildAs = (epoch: number, scheduledAt: number, options: Attempt = {}) =>
      attempt(
        cacheActivities(depsOf(secrets)).rebuildCache,
        { ...step(), recovery: recoveryRef(epoch) },
        { ...options, info: { currentAttemptScheduledTimestampMs: scheduledAt } },
      );

    /** Gives the turn to others once the first keys have been written, or removed. */
    async function overtaken(when: string, overtake: () => Promise<unknown>) {
      const heartbeats: unknown[] = [];
      const filling = rebuildAs(1_000, 10, { heartbeats }).catch((error: unknown) => error);
      await during(filling, () => heartbeats.includes(when));
      await overtake();
      return await filling;
    }

    test.each([
      ['a later recovery', '2000/5', { type: 'LeaseLost', nonRetryable: true }],
      ['a later attempt', '1000/11', { type: 'NotReached', nonRetryable: false }],
    ])('changes nothing once %s has had its turn', async (_, held, refusal) => {
      await redis.set('lifeboat:turn:teei:', held);
      await redis.set('teei:order:1', 'newer');
      await expect(rebuildAs(1_000, 10)).rejects.toMatchObject({
        ...refusal,
        message: expect.stringContaining(`the cache is filled by "${held}"`),
      });
      expect(await redis.get('teei:order:1')).toBe('newer');
      expect(await redis.dbsize()).toBe(1 + MARK);
    });

    test.each(['1000 keys written', '0 old keys removed'])('stops in the middle: %s', async (when) => {
      const outcome = await overtaken(when, async () => {
        await redis.multi().flushall().mset('lifeboat:turn:teei:', '2000/5', 'teei:order:1', 'newer').exec();
      });
      expect(outcome).toMatchObject({ type: 'LeaseLost', nonRetryable: true });
      expect(await redis.get('teei:order:1')).toBe('newer');
      expect(await redis.dbsize()).toBe(1 + MARK);
    });

    test('an empty Redis is filled by the next attempt', async () => {
      expect(await overtaken('1000 keys written', () => redis.flushall())).toMatchObject({ type: 'NotReached' });
      await rebuildAs(1_000, 11);
      expect(await redis.dbsize()).toBe(ROWS + MARK);
      expect(await redis.get('lifeboat:turn:teei:')).toBe('1000/11');
    });
  });
});
