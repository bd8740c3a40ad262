import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import pg from 'pg';
import type { Watched, WatchRequest } from '../../../../activities/contract.ts';
import { verifyActivities } from '../../../../activities/verify/index.ts';
import { type LedgerFile, openLedger } from '../../../../lab/client/ledger-file.ts';
import { eventually } from '../../../../lab/eventually.ts';
import { httpGet } from '../../../../lab/http.ts';
import type { Lab } from '../../../../lab/lab.ts';
import { readSecret } from '../../../../lab/secrets.ts';
import type { RecoveryPlan, WiredComponent } from '../../../../plan/recovery-plan.ts';
import type { Wiring } from '../../../../plan/wiring/index.ts';
import { loadRecoveryPlan } from '../../../../starter/load-plan.ts';
import { startLab } from '../../../support/activities/lab.ts';
import { attempt, depsOf, recoveryRef } from '../../../support/activities/step.ts';
import { CLIENT_NAME, DATABASE, EDGE_NAME, SYSTEM } from '../../../support/lab/shape.ts';

/** The lab's names and its primary stand in us-east-1 at first: so this is a recovery that came to us-east-1. */
const TO = 'us-east-1';
const FROM = 'eu-central-1';

/** Ends with the first good round; a busy machine may have bad ones before it. */
const PATIENCE_MS = 20_000;

describe('verification', () => {
  let lab: Lab;
  let plan: RecoveryPlan;
  let folder: string;
  let database: pg.Pool;
  let application: Server;
  let prometheus: ResultPromise | undefined;
  let prometheusUrl: string;
  /** Status by path; 200 where none is set. */
  let statuses: Record<string, number | (() => number)> = {};
  let hosts: Set<string | undefined>;

  beforeAll(async () => {
    lab = await startLab('verify', ['tables', `${FROM}/postgres`, 'third-place/dns']);
    Object.assign(process.env, lab.wiring);
    plan = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-verify-'));
    database = new pg.Pool({
      ...lab.endpoint(`${TO}/postgres`),
      database: DATABASE,
      user: 'application',
      password: await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] as string, `${SYSTEM}/postgres-application`),
    });
    // The application's idle sessions are ended by the server; a pool makes a new one.
    database.on('error', () => {});
    application = createServer((request, response) => {
      hosts.add(request.headers.host);
      const status = statuses[request.url ?? ''] ?? 200;
      response.writeHead(typeof status === 'number' ? status : status()).end();
    });
    const endpoint = lab.endpoint(`${TO}/application`);
    await new Promise<void>((resolve) => application.listen(endpoint.port, endpoint.host, resolve));
    await startPrometheus();
  }, 120_000);

  afterAll(async () => {
    prometheus?.kill('SIGKILL');
    await prometheus?.catch(() => {});
    application?.closeAllConnections();
    application?.close();
    await database?.end().catch(() => {});
    await rm(folder, { recursive: true, force: true });
    await lab?.down();
  });

  beforeEach(() => {
    statuses = {};
    hosts = new Set();
  });

  /** A real one that scrapes nothing: queries over literals are enough. */
  async function startPrometheus(): Promise<void> {
    await writeFile(join(folder, 'prometheus.yml'), 'global: {}\n');
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    prometheusUrl = `http://127.0.0.1:${port}`;
    prometheus = execa('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    prometheus.catch(() => {});
    await eventually({ what: 'Prometheus', withinMs: 20_000 }, () => httpGet({ url: `${prometheusUrl}/-/ready` }));
  }

  interface Wished {
    to?: string;
    until?: 'healthy' | 'end';
    durationMs?: number;
    errorRate?: string;
    prometheus?: string;
    ledger?: string | null;
    services?: RecoveryPlan['services'];
    components?: RecoveryPlan['components'];
    rollback?: WatchRequest['rollback'];
    since?: string;
    watched?: Watched;
  }

  function request(wished: Wished = {}): WatchRequest {
    const { to = TO, errorRate = 'vector(0)', ledger = null } = wished;
    const { ledger: _, ...service } = plan.service;
    return {
      recovery: recoveryRef(),
      plan: {
        ...plan,
        services: wished.services ?? plan.services,
        components: wished.components ?? plan.components,
        service: {
          ...service,
          prometheus: { url: wished.prometheus ?? prometheusUrl, errorRate },
          ...(ledger !== null && { ledger: { url: ledger } }),
        },
      },
      from: to === TO ? FROM : TO,
      to,
      since: wished.since ?? new Date(Date.now() - 60_000).toISOString(),
      until: wished.until ?? 'healthy',
      durationMs: wished.durationMs ?? 0,
      rollback: wished.rollback ?? { for: '10s', customerErrors: 60, executiveAbort: false },
      ...(wished.watched && { watched: wished.watched }),
    };
  }

  const activities = () => verifyActivities(depsOf(lab.wiring['LIFEBOAT_SECRETS_DIR']));
  const watch = (wished?: Wished) => attempt(activities().watchRecovery, request(wished));
  const outcomes = async (wished?: Wished) => {
    const { checks } = await watch(wished);
    return Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
  };
  const detailOf = async (name: string, wished?: Wished) =>
    (await watch(wished)).checks.find((check) => check.name === name)?.detail;

  test('everything is green, past DNS and by name, and the heartbeat is written', async () => {
    const before = (await database.query('SELECT clock_timestamp() AS at')).rows[0].at;
    const seen = await watch({ durationMs: PATIENCE_MS });
    expect(seen).toMatchObject({ healthy: true, breach: null });
    expect(seen.checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(seen.checks.map(({ name }) => name).toSorted()).toEqual(
      [
        ...plan.services.flatMap(({ name }) => [`${name}-in-${TO}`, `${name}-by-name`]),
        ...['dns', `dns-${EDGE_NAME}`, 'database-writable', 'database-fresh', 'customer-errors'],
      ].toSorted(),
    );
    const { host, port } = lab.endpoint(`${TO}/application`);
    expect([...hosts].toSorted()).toEqual([`${host}:${port}`, `${CLIENT_NAME}:${port}`]);
    const password = await readSecret(lab.wiring['LIFEBOAT_SECRETS_DIR'] as string, `${SYSTEM}/postgres`);
    const operator = new pg.Client({
      ...lab.endpoint(`${TO}/postgres`),
      database: DATABASE,
      user: 'lifeboat',
      password,
    });
    await operator.connect();
    const { rows } = await operator.query('SELECT at > $1 AS written FROM lifeboat.heartbeat', [before]);
    await operator.end();
    expect(rows).toEqual([{ written: true }]);
  });

  test('a critical service that fails is named and unhealthy; another is only named', async () => {
    statuses['/health/cache'] = 503;
    const seen = await watch();
    expect(seen).toMatchObject({ healthy: false, healthySince: null, breach: null });
    const port = lab.endpoint(`${TO}/application`).port;
    expect(seen.checks.find(({ name }) => name === 'cache-by-name')).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(
        new RegExp(`^http://api\\.teei\\.test:${port}/health/cache at [\\d.]+ answered 503 in \\d+ ms$`),
      ),
    });
    const services = plan.services.map((service) => ({ ...service, critical: service.name !== 'cache' }));
    expect(await watch({ services, durationMs: PATIENCE_MS })).toMatchObject({ healthy: true });
    expect(await outcomes({ services })).toMatchObject({ [`cache-in-${TO}`]: 'failed' });
  });

  test('a region that clients are not led to, with a standby, is unhealthy and nothing throws', async () => {
    expect(await watch({ to: FROM })).toMatchObject({ healthy: false });
    expect(await outcomes({ to: FROM })).toMatchObject({
      dns: 'failed',
      'api-by-name': 'unknown',
      [`api-in-${FROM}`]: 'failed',
      'database-writable': 'failed',
    });
    expect(await detailOf('database-writable', { to: FROM })).toBe(`the database in ${FROM} is a standby`);
  });

  test('one of the names that are moved and leads elsewhere is named, and the region is not well', async () => {
    const edge = structuredClone(plan.components['edge-dns'] as WiredComponent);
    (edge.wiring as Wiring<'cloudflare'>).regions[TO] = { values: ['127.0.0.99'] };
    const seen = await watch({ components: { ...plan.components, 'edge-dns': edge } });
    expect(seen.healthy).toBe(false);
    expect(seen.checks.find(({ name }) => name === `dns-${EDGE_NAME}`)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^www\.teei-edge\.test leads to [\d.]+ by .*, not to us-east-1$/),
    });
  });

  test.each([
    ['vector(0.031)', 'passed', '3.1 % of client requests fail'],
    ['scalar(vector(0.5))', 'passed', '50.0 % of client requests fail'],
    ['vector(0) / vector(0)', 'unknown', 'Prometheus has no figure yet'],
    ['nothing_of_that_name', 'unknown', 'Prometheus has no figure yet'],
    ['sum(', 'unknown', 'Prometheus: answered 400'],
  ])('of %s it makes that %s', async (errorRate, outcome, detail) => {
    const { checks } = await watch({ errorRate });
    expect(checks.find(({ name }) => name === 'customer-errors')).toMatchObject({ outcome, detail });
  });

  test('of more failing requests than the plan bears, one check in the very round is not called passed', async () => {
    const wished = { errorRate: 'vector(0.4)', rollback: { for: '0s', customerErrors: 5, executiveAbort: false } };
    const check = (await watch(wished)).checks.find(({ name }) => name === 'customer-errors');
    expect(check).toMatchObject({ outcome: 'failed', detail: '40.0 % of client requests fail, more than 5 %' });
  });

  test('a Prometheus that is away is unknown and rolls nothing back', async () => {
    const seen = await watch({
      prometheus: 'http://127.0.0.1:9',
      durationMs: PATIENCE_MS,
      rollback: { for: '0s', customerErrors: 0, executiveAbort: false },
    });
    expect(seen).toMatchObject({ healthy: true, breach: null });
    expect(seen.checks.find(({ name }) => name === 'customer-errors')?.outcome).toBe('unknown');
  });

  test('errors from before it was watched do not count, whatever the clock of the day says', async () => {
    const errorRate = (range: string) => `vector(1) or sum(rate(errors[${range}]))`;
    const rollback = { for: '0s', customerErrors: 5, executiveAbort: false };
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const early = await watch({ errorRate: errorRate('5m'), rollback, since, until: 'end', durationMs: 600 });
    expect(early.breach).toBeNull();
    const late = await watch({ errorRate: errorRate('1s'), rollback, since, until: 'end', durationMs: 20_000 });
    expect(late.breach).toBe('100 % of client requests fail; more than 5 % roll back.');
  });

  test('rolls back when critical services fail in two rounds', async () => {
    for (const { path } of plan.services) statuses[path] = 500;
    const rollback = { for: '0s', criticalServicesFailing: 3, executiveAbort: false };
    const startedAt = Date.now();
    const seen = await watch({ until: 'end', durationMs: 20_000, rollback });
    expect(seen).toMatchObject({ healthy: false, breach: '5 critical services fail; more than 3 roll back.' });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('services that fail for a second, and not for as long as the plan says, roll nothing back', async () => {
    const startedAt = Date.now();
    // Like a name server that restarts: several rounds in a row are bad.
    for (const { path } of plan.services) statuses[path] = () => (Date.now() < startedAt + 2_000 ? 500 : 200);
    const rollback = { for: '10s', criticalServicesFailing: 3, executiveAbort: false };
    const seen = await watch({ until: 'end', durationMs: 5_000, rollback });
    expect(seen).toMatchObject({ healthy: true, breach: null });
  });

  test('services that fail for as long as the plan says roll back, and no earlier', async () => {
    for (const { path } of plan.services) statuses[path] = 500;
    const rollback = { for: '3s', criticalServicesFailing: 3, executiveAbort: false };
    const startedAt = Date.now();
    const seen = await watch({ until: 'end', durationMs: 1_000, rollback });
    expect(seen.breach).toBe('5 critical services fail; more than 3 roll back.');
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000);
  });

  test('one bad round among good ones rolls nothing back, and health counts anew from there', async () => {
    let asked = 0;
    // Each round asks twice: past DNS and by name. The second round is the bad one.
    statuses['/health/api'] = () => (++asked === 3 || asked === 4 ? 500 : 200);
    const rollback = { for: '0s', criticalServicesFailing: 0, executiveAbort: false };
    const startedAt = Date.now();
    const seen = await watch({ until: 'end', durationMs: 5_000, rollback });
    expect(asked).toBeGreaterThan(6);
    expect(seen).toMatchObject({ healthy: true, breach: null });
    expect(Date.parse(seen.healthySince ?? '')).toBeGreaterThan(startedAt + 500);
  });

  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const believed = (healthySince: string | null): Watched => ({ watchedMs: 1_000, healthySince, lookedAt: ago(0) });

  test('tells at once of a system that is believed to be well and is not, when two rounds say so', async () => {
    statuses['/health/api'] = 503;
    const seen = await watch({ until: 'end', durationMs: 20_000, watched: believed(ago(60_000)) });
    expect(seen).toMatchObject({ healthy: false, healthySince: null, over: false, breach: null });
    expect(seen.watchedMs).toBeGreaterThanOrEqual(1_500);
    expect(seen.watchedMs).toBeLessThan(10_000);
  });

  test('tells of one that is well again when it has stayed so', async () => {
    const startedAt = Date.now();
    const seen = await watch({ until: 'end', durationMs: 25_000, watched: believed(null) });
    expect(seen).toMatchObject({ healthy: true, over: false });
    expect(Date.parse(seen.healthySince ?? '')).toBeGreaterThanOrEqual(startedAt);
    expect(Date.parse(seen.lookedAt) - Date.parse(seen.healthySince ?? '')).toBeGreaterThanOrEqual(10_000);
  }, 40_000);

  describe('an attempt after a crash', () => {
    const DURATION_MS = 600_000;
    const goOn = (lookedAt: string, healthySince: string) => {
      const progress: Watched = { watchedMs: DURATION_MS - 1_000, healthySince, lookedAt };
      const info = { heartbeatDetails: { seen: 'all green', progress } };
      return attempt(activities().watchRecovery, request({ until: 'end', durationMs: DURATION_MS }), { info });
    };

    test('goes on where the one before was', async () => {
      const since = ago(300_000);
      const seen = await goOn(ago(5_000), since);
      expect(seen).toMatchObject({ healthy: true, over: true, healthySince: since });
    });

    test('counts health anew when nobody looked for long', async () => {
      const startedAt = Date.now();
      const seen = await goOn(ago(60_000), ago(300_000));
      expect(seen).toMatchObject({ healthy: true, over: true });
      expect(Date.parse(seen.healthySince ?? '')).toBeGreaterThanOrEqual(startedAt);
    });

    test('is told, round by round, how far the one before came', async () => {
      const heartbeats: unknown[] = [];
      const wished = request({ until: 'end', durationMs: 1_500 });
      const seen = await attempt(activities().watchRecovery, wished, { heartbeats });
      const { watchedMs, healthySince, lookedAt } = seen;
      expect(heartbeats.at(-1)).toEqual({ seen: 'all green', progress: { watchedMs, healthySince, lookedAt } });
    });
  });

  test('waits for health, and does not roll back while it waits', async () => {
    const startedAt = Date.now();
    for (const { path } of plan.services) statuses[path] = () => (Date.now() < startedAt + 1_500 ? 503 : 200);
    const seen = await watch({
      durationMs: 20_000,
      rollback: { for: '0s', criticalServicesFailing: 0, executiveAbort: false },
    });
    expect(seen).toMatchObject({ healthy: true, breach: null });
    expect(Date.parse(seen.healthySince ?? '')).toBeGreaterThanOrEqual(startedAt + 1_000);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('rolls back what never got healthy', async () => {
    statuses['/health/api'] = 503;
    const seen = await watch({
      durationMs: 700,
      rollback: { for: '0s', criticalServicesFailing: 0, executiveAbort: false },
    });
    expect(seen).toMatchObject({ healthy: false, breach: '1 critical services fail; more than 0 roll back.' });
  });

  describe('the ledger', () => {
    let ledger: LedgerFile;
    let server: Server;
    let url: string;

    beforeAll(async () => {
      ledger = openLedger(join(folder, 'ledger.jsonl'));
      server = createServer((_request, response) => response.end(JSON.stringify(ledger.summary())));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger`;
    });

    afterAll(() => {
      server.close();
      ledger.close();
    });

    const acknowledge = (...ids: number[]) => {
      for (const id of ids) {
        ledger.append({ id, at: Date.now(), time: new Date().toISOString(), region: TO, timeline: 1, attempts: 1 });
      }
    };
    const insert = (...ids: number[]) =>
      database.query("INSERT INTO orders (id, client, region, body) SELECT unnest($1::bigint[]), 't', 't', ''", [ids]);
    const compare = (wished: Wished) => attempt(activities().compareLedger, request(wished));

    test('counts what was acknowledged and is not there', async () => {
      expect(await compare({ ledger: url })).toEqual({ lostAcknowledgedWrites: 0 });
      acknowledge(1, 2, 3, 5, 6, 9);
      // 4 and 7 were written and never acknowledged: no loss, and no gain.
      await insert(1, 2, 4, 5, 7);
      expect(await compare({ ledger: url })).toEqual({ lostAcknowledgedWrites: 3 });
      await insert(3, 6, 9);
      expect(await compare({ ledger: url })).toEqual({ lostAcknowledgedWrites: 0 });
    });

    test('is unknown where there is none', async () => {
      expect(await compare({})).toEqual({ lostAcknowledgedWrites: null });
    });

    test('is tried again where it is away', async () => {
      await expect(compare({ ledger: 'http://127.0.0.1:9/ledger' })).rejects.toMatchObject({
        type: 'NotReached',
        nonRetryable: false,
      });
    });
  });
});
