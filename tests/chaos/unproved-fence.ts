import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { databaseActivities } from '../../activities/database/index.ts';
import { type LeaseLocation, s3LeaseStore } from '../../activities/lease/store.ts';
import { secretsFromFolder } from '../../activities/secrets.ts';
import { eventually } from '../../lab/eventually.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Wiring } from '../../plan/wiring/index.ts';
import { statusQuery } from '../../workflows/recovery/messages.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../support/database/two-regions.ts';
import { answered } from '../support/workflows/ask.ts';
import { createFakes } from '../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  type Recovering,
  startFailover,
  startServer,
  teeiPlan,
  withWorkers,
} from '../support/workflows/harness.ts';
import type { Run } from './matrix.ts';

const GATE_WITHIN_MS = 60_000;

type Shared = Wiring<'postgres-streaming'>['shared'];
type Lease = NonNullable<Shared['lease']>;

/** Where a lease's store may lead to instead. */
interface Servers {
  /** Takes connections and says nothing. */
  silent: string;
  /** Answers 500. */
  failing: string;
  /** Answers what is no lease. */
  confused: string;
}

/** A reason for which nobody can tell that the old primary has stopped; it runs and takes writes all the while. */
interface Way {
  name: string;
  /** The lease as the recovery is told of it; null for none. */
  lease(known: Lease, servers: Servers, run: number): Promise<Lease | null> | Lease | null;
}

const storeAt = (lease: Lease, endpoint: string): Lease => ({ ...lease, aws: { ...lease.aws, endpoint } });

export const WAYS: Way[] = [
  { name: 'the store refuses connections', lease: (lease) => storeAt(lease, 'http://127.0.0.1:9') },
  { name: 'the store is silent', lease: (lease, { silent }) => storeAt(lease, silent) },
  { name: 'the store fails', lease: (lease, { failing }) => storeAt(lease, failing) },
  { name: 'the store holds something else', lease: (lease, { confused }) => storeAt(lease, confused) },
  { name: 'the bucket is gone', lease: (lease) => ({ ...lease, bucket: 'nowhere' }) },
  { name: 'no lease is configured', lease: () => null },
  { name: 'nobody knows who held the lease', lease: (lease, _, run) => ({ ...lease, key: `leases/lost-${run}.json` }) },
  { name: 'the lease ran out long ago and the old primary takes writes', lease: withoutGuard },
];

/** As when PostgreSQL was started past its guard: the lease says one thing, the database another. */
async function withoutGuard(known: Lease, _: Servers, run: number): Promise<Lease> {
  const lease = { ...known, key: `leases/unguarded-${run}.json` };
  const store = s3LeaseStore(lease as LeaseLocation, 5_000);
  const at = new Date(Date.now() - 600_000).toISOString();
  const unknown = {
    walPosition: null,
    timeline: 1,
    synchronousStandbys: null,
    parameters: null,
    notReplicated: null,
    final: null,
    previous: null,
    handOver: null,
    storedAt: null,
  };
  await store.write({ holder: PRIMARY, renewedAt: at, ttlMs: 4_000, epoch: 1, recovery: null, ...unknown }, null);
  store.close();
  return lease;
}

/**
 * Failovers by the real workflow, with the real fence and promotion of real databases, in which the fence cannot be
 * proved: each must stop at the gate for it, and nothing is promoted when people reject it or do not answer.
 */
export async function* unprovedFences(times: number, ways: readonly Way[] = WAYS): AsyncGenerator<Run> {
  const servers = await startServers();
  let regions: TwoRegions | null = null;
  try {
    regions = await TwoRegions.start();
    await regions.sql(PRIMARY, 'create table orders (id bigserial primary key)');
    for (let run = 1; run <= times; run++) {
      yield await stopAtGate(regions, servers.urls, ways[(run - 1) % ways.length] as Way, run);
    }
  } finally {
    await regions?.end();
    servers.end();
  }
}

async function stopAtGate(regions: TwoRegions, servers: Servers, way: Way, run: number): Promise<Run> {
  const answered = run % 2 === 1;
  const name = `unproved fence ${run}: ${way.name}; ${answered ? 'people reject the risk' : 'nobody answers'}`;
  // A clock of its own: one that a gate has made skip half an hour is ahead of the next run's activities.
  const env = await startServer();
  try {
    const database = await unprovable(regions.component(), servers, way, run);
    const plan = await teeiPlan();
    const verbs = databaseActivities({
      secrets: secretsFromFolder(regions.secrets),
      log: pino({ level: 'silent' }),
    });
    const { fenceDatabase, promoteDatabase } = verbs;
    const fakes = createFakes({ fenceDatabase, promoteDatabase });
    const wrong = await withWorkers(env, fakes, async () => {
      const components = { ...plan.components, database };
      const recovering = await startFailover(env, { ...plan, components });
      await approve(env, recovering);
      await atGate(recovering);
      if (answered) await decide(env, recovering, gateOpen('split-brain'), { verb: 'reject', target: 'split-brain' });
      const { outcome } = await recovering.result();
      return outcome === 'refused' ? null : `it ended ${outcome}`;
    });
    const promoted = fakes.calls.some((call) => call.startsWith('promoteDatabase'));
    return { name, struck: true, wrong: promoted ? 'it promoted' : (wrong ?? (await onePrimary(regions))) };
  } catch (error) {
    return { name, struck: true, wrong: String(error) };
  } finally {
    await env.teardown();
  }
}

async function unprovable(component: WiredComponent, servers: Servers, way: Way, run: number): Promise<WiredComponent> {
  const wiring = component.wiring as Wiring<'postgres-streaming'>;
  const { lease: known, ...shared } = wiring.shared;
  const lease = await way.lease(known as Lease, servers, run);
  return { ...component, wiring: { ...wiring, shared: { ...shared, ...(lease && { lease }) } } as Wiring };
}

async function atGate(recovering: Recovering): Promise<void> {
  await eventually({ what: 'the gate', withinMs: GATE_WITHIN_MS }, async () => {
    const status = await answered(recovering.client, () => recovering.query(statusQuery));
    if (!gateOpen('split-brain')(status)) throw new Error(status.summary);
  });
}

/** What must hold: the old primary takes writes, and the standby is one. */
async function onePrimary(regions: TwoRegions): Promise<string | null> {
  await regions.sql(PRIMARY, 'insert into orders default values');
  const written = await regions.sql(STANDBY, 'insert into orders default values').then(
    () => true,
    () => false,
  );
  return written ? 'the standby took a write' : null;
}

async function startServers(): Promise<{ urls: Servers; end(): void }> {
  const answer =
    (status: number, body: string): RequestListener =>
    (_, response) =>
      response.writeHead(status, { etag: '"1"' }).end(body);
  const listeners = { silent: () => {}, failing: answer(500, ''), confused: answer(200, '{"holder": 1}') };
  const started = await Promise.all(
    Object.entries(listeners).map(async ([name, listener]) => {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { name, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    }),
  );
  return {
    urls: Object.fromEntries(started.map(({ name, url }) => [name, url])) as unknown as Servers,
    end() {
      for (const { server } of started) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
