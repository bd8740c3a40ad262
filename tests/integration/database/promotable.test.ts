import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../../lab/eventually.ts';
import { endAll } from '../../../lab/supervisor.ts';
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

/** A setting of the server takes effect as its guard starts it. */
async function set(region: Region, setting: string): Promise<void> {
  await appendFile(join(regions.data(region), 'lifeboat.conf'), `${setting}\n`);
  await endAll(regions.records(region));
  await regions.startRegion(region);
}

/** While it runs: a standby that starts with a delay receives nothing before it has applied what it has. */
async function reload(region: Region, setting: string): Promise<void> {
  await appendFile(join(regions.data(region), 'lifeboat.conf'), `${setting}\n`);
  const [pid] = (await readFile(join(regions.data(region), 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGHUP');
}

const pauseState = async () =>
  (await regions.sql<{ state: string }>(STANDBY, 'select pg_get_wal_replay_pause_state() as state'))[0]?.state;

test('a standby with lower settings is refused by name, and promoted once they are raised', async () => {
  await set(PRIMARY, 'max_connections = 250');
  await eventually({ what: 'replay to pause', withinMs: 20_000 }, async () =>
    expect(await pauseState()).toBe('paused'),
  );
  const store = regions.store();
  await eventually({ what: 'the setting in the lease', withinMs: 20_000 }, async () => {
    expect((await store.read())?.lease.parameters).toMatchObject({ max_connections: 250 });
  });
  store.close();
  regions.signal(PRIMARY, 'SIGKILL');
  const steps = new Steps(regions);
  const fenced = await steps.fence();
  await expect(steps.promote(fenced, new Date().toISOString())).rejects.toMatchObject({
    type: 'StandbyNotPromotable',
    nonRetryable: true,
    message: expect.stringMatching(/max_connections = \d+, below 250 of the primary\. Raise them on the standby/),
  });
  await set(STANDBY, 'max_connections = 250');
  expect(await steps.promote(fenced, new Date().toISOString())).toMatchObject({ timelineAfter: 2 });
  await regions.sql(STANDBY, 'insert into orders values (0)');
}, 120_000);

test('a query that blocks replay is named, and no promotion is left behind that would come when it ends', async () => {
  await set(STANDBY, 'max_standby_streaming_delay = -1\nhot_standby_feedback = off');
  const report = await regions.connect(STANDBY);
  await report.query('set idle_in_transaction_session_timeout = 0');
  await report.query('begin isolation level repeatable read');
  await report.query('select count(*) from orders');
  const [session] = (await report.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
  await regions.sql(PRIMARY, 'delete from orders');
  await regions.sql(PRIMARY, 'vacuum orders');
  const looking = await regions.connect(STANDBY, 'lifeboat');
  await eventually({ what: 'replay to wait for the report', withinMs: 20_000 }, async () => {
    const waits = `select wait_event from pg_stat_activity where backend_type = 'startup'`;
    expect((await looking.query(waits)).rows).toEqual([{ wait_event: expect.stringMatching(/^RecoveryConflict/) }]);
  });
  await looking.end();
  regions.signal(PRIMARY, 'SIGKILL');

  const steps = new Steps(regions);
  const fenced = await steps.fence();
  await expect(steps.promote(fenced, new Date().toISOString(), 8_000)).rejects.toMatchObject({
    type: 'NotReached',
    message: expect.stringMatching(new RegExp(`replay waits for pid ${session?.pid} of application, for \\d+ s`)),
  });
  await report.query('rollback');
  await report.end();
  await eventually({ what: 'the standby to replay all', withinMs: 20_000 }, async () => {
    const [state] = await regions.sql<{ all: boolean; standby: boolean }>(
      STANDBY,
      'select pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn() as all, pg_is_in_recovery() as standby',
    );
    expect(state).toEqual({ all: true, standby: true });
  });
  expect(await steps.promote(fenced, new Date().toISOString())).toMatchObject({ timelineAfter: 2 });
  expect(await regions.sql(STANDBY, 'select from orders')).toEqual([]);
}, 120_000);

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
