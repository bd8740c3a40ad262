import { pino } from 'pino';
import { eyes } from '../../../activities/database/postgres-streaming/eyes.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import { listenAsPooler, type Pooler, refuseWith } from '../../support/database/pooler.ts';

const host = '127.0.0.1';
const region = 'us-east-1';
const secrets = { get: async () => 'of no use here' };

let pooler: Pooler | undefined;
afterEach(() => pooler?.close());

async function seenThrough(message: string, sqlState?: string) {
  pooler = await listenAsPooler(host, refuseWith(message, sqlState));
  const component: WiredComponent = {
    name: 'database',
    kind: 'database',
    provider: 'postgres-streaming',
    dependsOn: [],
    wiring: {
      shared: {
        database: 'app',
        user: 'lifeboat',
        passwordSecret: 'a/secret',
        tls: 'disable',
        replication: 'asynchronous',
      },
      regions: { [region]: { host, port: pooler.port } },
    },
  };
  return await eyes.databaseFacts(component, region, { secrets, log: pino({ level: 'silent' }) });
}

test.each([
  'unsupported startup parameter: options',
  'unsupported startup parameter in options: statement_timeout',
  'server login has been failing, try again later (server_login_retry)',
])('a pooler that answers "%s" is named, and says nothing of the database behind it', async (message) => {
  const { databaseReachable, databaseRole, remarks } = await seenThrough(message);
  expect({ databaseReachable, databaseRole }).toEqual({ databaseReachable: null, databaseRole: null });
  expect(remarks).toEqual([
    expect.stringMatching(/^the database in us-east-1: .+; a connection pooler such as PgBouncer answers there\. Wire/),
  ]);
  expect(remarks[0]).toContain(message);
});

test('a PostgreSQL that lets nobody in is reachable, and no pooler', async () => {
  const { databaseReachable, remarks } = await seenThrough('password authentication failed for user "x"', '28P01');
  expect(databaseReachable).toBe(true);
  expect(remarks).toEqual(['the database in us-east-1: password authentication failed for user "x"']);
});
