import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.ts';
import { readSecret } from '../../lab/secrets.ts';
import { endAll, startProgram } from '../../lab/supervisor.ts';
import { Orders } from '../support/database/orders.ts';
import { Steps } from '../support/database/steps.ts';
import { POSTGRESQL, PRIMARY, STANDBY, TwoRegions } from '../support/database/two-regions.ts';
import { SYSTEM } from '../support/lab/shape.ts';
import type { Run } from './matrix.ts';

/**
 * Replication that is synchronous, and not to the standby that is promoted: commits wait for `pg_receivewal`, as an archive
 * with no data loss runs it.
 *
 * - `archive`: under a name of its own;
 * - `shared`: under the standby's name, beside it;
 * - `taken over`: under the standby's name, which is gone meanwhile.
 */
export const RECEIVERS = ['archive', 'shared', 'taken over'] as const;
export type Receiver = (typeof RECEIVERS)[number];

const WRITES = 200;

/** What was acknowledged and is gone, by the clients' ledger, and what the promotion reports. */
export interface Lost {
  missing: number;
  seconds: number | null;
  method: string;
}

/** The standby is cut off under write load, the primary dies, and the standby is promoted. */
export async function loseWrites(receiver: Receiver): Promise<Lost> {
  const regions = await TwoRegions.start();
  try {
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    const name = receiver === 'archive' ? 'archive' : STANDBY;
    await waitFor(regions, name);
    await startArchive(regions, name);
    await regions.sql(PRIMARY, 'insert into orders values (0)');
    await eventually({ what: 'the standby to have all', withinMs: 20_000 }, async () => {
      expectOne(await regions.sql(STANDBY, 'select from orders'));
    });
    return await cutOffAndPromote(regions, receiver);
  } finally {
    await regions.end();
  }
}

function expectOne(rows: unknown[]): void {
  if (rows.length !== 1) throw new Error(`${rows.length} rows`);
}

/** Settings take effect as the guard starts its PostgreSQL. */
async function waitFor(regions: TwoRegions, name: string): Promise<void> {
  await appendFile(join(regions.data(PRIMARY), 'lifeboat.conf'), `synchronous_standby_names = '"${name}"'\n`);
  await endAll(regions.records(PRIMARY));
  await regions.startRegion(PRIMARY);
}

async function startArchive(regions: TwoRegions, name: string): Promise<void> {
  const folder = join(regions.folder, 'archive');
  const directory = join(folder, 'wal');
  await mkdir(directory, { recursive: true });
  const source = `host=${regions.hosts[PRIMARY]} port=${regions.ports['postgres']} user=replicator application_name=${name}`;
  startProgram(
    'archive',
    {
      name: 'pg_receivewal',
      command: join(POSTGRESQL, 'pg_receivewal'),
      args: ['--synchronous', '-D', directory, '-d', source],
      env: { PGPASSWORD: await readSecret(regions.secrets, `${SYSTEM}/postgres-replicator`) },
    },
    folder,
  );
}

async function cutOffAndPromote(regions: TwoRegions, receiver: Receiver): Promise<Lost> {
  // Of a name that two share, both must be there: the standby stands still, and never reads what its socket holds.
  regions.signal(STANDBY, receiver === 'shared' ? 'SIGSTOP' : 'SIGKILL');
  const orders = new Orders(regions);
  orders.start();
  await orders.written(PRIMARY, WRITES);
  await leaseKnows(regions);
  regions.signal(PRIMARY, 'SIGKILL');
  await endAll(regions.records(STANDBY));
  await regions.startRegion(STANDBY);
  const steps = new Steps(regions);
  const { dataLoss } = await steps.promote(await steps.fence(), new Date().toISOString());
  await orders.stop();
  const missing = await orders.missingIn(STANDBY);
  return { missing: missing.length, seconds: dataLoss.seconds, method: dataLoss.method };
}

/** The lease has been renewed since the standby was cut off, so that it says what it says of this. */
async function leaseKnows(regions: TwoRegions): Promise<void> {
  const store = regions.store();
  const since = Date.now();
  await eventually({ what: 'the lease to be renewed', withinMs: 20_000, everyMs: 50 }, async () => {
    const renewedAt = Date.parse((await store.read())?.lease.renewedAt ?? '');
    if (!(renewedAt > since + 1_000)) throw new Error(`renewed at ${renewedAt}`);
  });
  store.close();
}

/** Each kind of receiver, as often as wished. */
export async function* lostWrites(times: number): AsyncGenerator<Run> {
  for (let run = 1; run <= times; run++) {
    for (const receiver of RECEIVERS) {
      const { missing, seconds, method } = await loseWrites(receiver);
      const reported = seconds === null ? 'unknown' : `${seconds} s`;
      const wrong = missing > 0 && seconds === 0 ? `reported as no loss: ${method}` : null;
      const name = `lost writes ${run}, ${receiver}: ${missing} acknowledged and gone, reported ${reported}`;
      yield { name, struck: missing > 0, wrong };
    }
  }
}
