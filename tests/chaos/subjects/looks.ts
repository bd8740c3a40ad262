import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { LedgerResult, SignatureVerdict, WatchRequest, WatchResult } from '../../../activities/contract.ts';
import { withDatabase } from '../../../lab/database.ts';
import { eventually } from '../../../lab/eventually.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { VantageFacts } from '../../../plan/facts.ts';
import type { RecoveryPlan } from '../../../plan/recovery-plan.ts';
import { loadRecoveryPlan } from '../../../starter/load-plan.ts';
import { Keys } from '../../support/activities/approval/keys.ts';
import { FROM, recoveryRef, TO } from '../../support/activities/step.ts';
import { SRE, textOf } from '../../support/approvals/chain.ts';
import { SYSTEM } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

/** Acknowledged according to the ledger, and the part of it that the database has. */
const ACKNOWLEDGED: [number, number] = [1_000_001, 1_000_005];
const KEPT = [1_000_001, 1_000_002, 1_000_003];

/**
 * Verbs that only look. The primary region stands for the one that took over, with an application that is always
 * well. What they answer must be right however often they began, and there is nothing that they leave behind but the
 * heartbeat that verification writes.
 */
export const looks: Theatre = {
  needs: ['tables', 'third-place/dns', 'aws-objects'],
  async open(lab) {
    const application = await serve(lab.endpoint(`${FROM}/application`), () => ({}));
    const ledger = await serve({ host: '127.0.7.1', port: 0 }, () => ({ table: 'orders', ranges: [ACKNOWLEDGED] }));
    const url = `http://127.0.7.1:${(ledger.address() as AddressInfo).port}/ledger`;
    const held = await loadRecoveryPlan({ system: SYSTEM, environment: 'lab' });
    const plan = only(held, url);
    const keys = await Keys.make('sre');
    const approvers = [{ identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] }];
    await acknowledge(lab);

    const request = () => ({ recovery: recoveryRef(), plan, from: TO, to: FROM, since: new Date().toISOString() });
    const observe: Subject = {
      verb: 'observe',
      async prepare() {
        const input = { recovery: recoveryRef(), plan, vantage: 'third-place' };
        const seen = async (answer: unknown) =>
          (answer as VantageFacts).regions.map(({ databaseRole }) => databaseRole);
        return { input, seen, expected: ['primary', null] };
      },
    };
    const watch: Subject = {
      verb: 'watchRecovery',
      async prepare() {
        const rollback: WatchRequest['rollback'] = { for: '10s', executiveAbort: false };
        const input: WatchRequest = { ...request(), until: 'healthy', durationMs: 20_000, rollback };
        async function seen(answer: unknown) {
          const { healthy, breach } = answer as WatchResult;
          return { healthy, breach, heartbeats: await heartbeats(lab) };
        }
        return { input, seen, expected: { healthy: true, breach: null, heartbeats: 1 } };
      },
    };
    const compare: Subject = {
      verb: 'compareLedger',
      async prepare() {
        const seen = async (answer: unknown) => (answer as LedgerResult).lostAcknowledgedWrites;
        return { input: request(), seen, expected: 2 };
      },
    };
    const verify: Subject = {
      verb: 'verifySignatures',
      async prepare() {
        const statement = textOf();
        const decision = { statement, signature: await keys.sign('sre', statement) };
        const seen = async (answer: unknown) => {
          const [{ identity, refusal } = {} as SignatureVerdict] = answer as SignatureVerdict[];
          return { identity, refusal };
        };
        return {
          input: { decisions: [decision], plan: { approvers } },
          seen,
          expected: { identity: SRE, refusal: null },
        };
      },
    };
    const lookBack: Subject = {
      verb: 'lastRecovery',
      async prepare(run) {
        const input = { recoveryId: `recovery/none-${run}`, incidentId: `incident/none-${run}` };
        return { input, seen: async (answer: unknown) => answer, expected: null };
      },
    };
    const read: Subject = {
      verb: 'readPlan',
      async prepare() {
        const { system, environment, hash } = held;
        const input = { plan: { system, environment, hash }, continued: false };
        return { input, seen: async (answer: unknown) => (answer as RecoveryPlan).hash, expected: hash };
      },
    };
    const origin: Subject = {
      verb: 'isOwnRun',
      async prepare(run) {
        const runId = '00000000-0000-4000-8000-000000000000';
        const about = { types: ['incident'], taskQueue: 'lifeboat', continuedAs: null };
        const input = { workflowId: `incident/none-${run}`, runId, ...about };
        return { input, seen: async (answer: unknown) => answer, expected: false };
      },
    };
    const close = async () => {
      application.close();
      ledger.close();
      await keys.remove();
    };
    return { subjects: [observe, watch, compare, verify, lookBack, origin, read], close };
  },
};

/** A plan of nothing but the database and the name, with a ledger of the test's own. */
function only({ service, components, ...plan }: RecoveryPlan, ledger: string): RecoveryPlan {
  const { prometheus: _, ...unmeasured } = service;
  const wanted = Object.entries(components).filter(([name]) => name === 'database' || name === 'dns');
  return { ...plan, service: { ...unmeasured, ledger: { url: ledger } }, components: Object.fromEntries(wanted) };
}

async function serve(at: { host: string; port: number }, answer: () => object): Promise<Server> {
  const server = createServer((_, response) => response.end(JSON.stringify(answer())));
  await new Promise<void>((resolve) => server.listen(at.port, at.host, resolve));
  return server;
}

async function acknowledge(lab: Lab): Promise<void> {
  const sql = `INSERT INTO orders (id, client, region, body) SELECT id, 'crash', '${FROM}', '' FROM unnest($1::bigint[]) id
    ON CONFLICT DO NOTHING`;
  await eventually({ what: 'the database to take orders', withinMs: 30_000 }, () =>
    withDatabase(lab, FROM, (client) => client.query(sql, [KEPT])),
  );
}

async function heartbeats(lab: Lab): Promise<number> {
  const sql = 'SELECT count(*)::int AS n FROM lifeboat.heartbeat';
  const { rows } = await withDatabase(lab, FROM, (client) => client.query<{ n: number }>(sql), 'lifeboat');
  return rows[0]?.n ?? 0;
}
