import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../../lab/eventually.ts';
import { Steps } from '../../support/database/steps.ts';
import { PRIMARY, type Region, STANDBY, TwoRegions } from '../../support/database/two-regions.ts';

let regions: TwoRegions;
beforeEach(async () => {
  regions = await TwoRegions.start();
  await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
  await regions.sql(PRIMARY, 'insert into orders select generate_series(1, 1000)');
  await eventually({ what: 'the orders on the standby', withinMs: 20_000 }, async () => {
    expect(await regions.sql(STANDBY, 'select from orders')).toHaveLength(1_000);
  });
}, 60_000);
afterEach(() => regions?.end());

/** While it runs: a standby that starts with a delay receives nothing before it has applied what it has. */
async function reload(region: Region, setting: string): Promise<void> {
  await appendFile(join(regions.data(region), 'lifeboat.conf'), `${setting}\n`);
  const [pid] = (await readFile(join(regions.data(region), 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGHUP');
}

test('a standby that applies late is promoted with all that it received, a deletion included', async () => {
  await reload(STANDBY, "recovery_min_apply_delay = '1h'");
  await eventually({ what: 'the standby to apply no heartbeat', withinMs: 20_000 }, async () => {
    const late = `select clock_timestamp() - pg_last_xact_replay_timestamp() > interval '5 s' as late`;
    expect(await regions.sql(STANDBY, late)).toEqual([{ late: true }]);
  });
  await regions.sql(PRIMARY, 'delete from orders where id > 400');
  await regions.sql(PRIMARY, 'insert into orders values (1001)');
  await eventually({ what: 'the standby to have all, unapplied', withinMs: 20_000 }, async () => {
    const [end] = await regions.sql<{ lsn: string }>(PRIMARY, 'select pg_current_wal_flush_lsn() as lsn');
    const lsns = 'pg_last_wal_receive_lsn() as received, pg_last_wal_replay_lsn() as replayed';
    const late = `select received >= '${end?.lsn}' and replayed < '${end?.lsn}' as late from (select ${lsns}) as lsns`;
    expect(await regions.sql(STANDBY, late)).toEqual([{ late: true }]);
    expect(await regions.sql(STANDBY, 'select from orders')).toHaveLength(1_000);
  });
  regions.signal(PRIMARY, 'SIGKILL');

  const steps = new Steps(regions);
  const { dataLoss } = await steps.promote(await steps.fence(), new Date().toISOString());
  expect(await regions.sql(STANDBY, 'select from orders')).toHaveLength(401);
  expect(dataLoss.seconds).toBeLessThan(60);
}, 120_000);
