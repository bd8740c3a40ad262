import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.ts';
import { endAll } from '../../lab/supervisor.ts';
import { REQUIRED_PARAMETERS } from '../../plan/promotable.ts';
import { Steps } from '../support/database/steps.ts';
import { PRIMARY, type Region, STANDBY, TwoRegions } from '../support/database/two-regions.ts';
import type { Run } from './matrix.ts';

/** Settings that were raised on the primary alone, each to a value above the standby's. */
const RAISED: Record<(typeof REQUIRED_PARAMETERS)[number], number> = {
  max_connections: 250,
  max_worker_processes: 32,
  max_wal_senders: 40,
  max_prepared_transactions: 16,
  max_locks_per_transaction: 256,
};

/** `forced`: the promotion is sent past Lifeboat, and PostgreSQL ends itself over and over. */
export const LOWER = [...REQUIRED_PARAMETERS, 'forced'] as const;
export type Lower = (typeof LOWER)[number];

/** Written while replay is paused, received and not applied. */
const WRITES = 100;

export interface Refused {
  /** How the first attempt to promote ended. */
  refused: string | null;
  /** What is seen of the standby's guard then. */
  guard: string;
  /** Did PostgreSQL of the standby run on? */
  ranOn: boolean;
  /** Orders on the promoted standby, once its setting was raised. */
  orders: number;
}

/** The primary dies after a setting was raised there; the standby's is raised after a first attempt to promote it. */
export async function promoteLower(lower: Lower): Promise<Refused> {
  const regions = await TwoRegions.start();
  const name = lower === 'forced' ? 'max_connections' : lower;
  const setting = `${name} = ${RAISED[name]}`;
  try {
    await raiseOnPrimary(regions, name, setting);
    regions.signal(PRIMARY, 'SIGKILL');
    const startedAt = await startOf(regions);
    const steps = new Steps(regions);
    const fenced = await steps.fence();
    if (lower === 'forced') await force(regions);
    const refused = await steps.promote(fenced, new Date().toISOString(), 5_000).then(
      () => null,
      (error: Error) => error.message,
    );
    const guard = await readFile(regions.guardState(STANDBY), 'utf8');
    const ranOn = (await startOf(regions).catch(() => null)) === startedAt;
    await set(regions, STANDBY, setting);
    await steps.promote(fenced, new Date().toISOString());
    await regions.sql(STANDBY, 'insert into orders values (0)');
    return { refused, guard, ranOn, orders: (await regions.sql(STANDBY, 'select from orders')).length };
  } finally {
    await regions.end();
  }
}

async function raiseOnPrimary(regions: TwoRegions, name: string, setting: string): Promise<void> {
  await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
  await set(regions, PRIMARY, setting);
  await eventually({ what: 'replay to pause', withinMs: 20_000 }, async () => {
    const paused = `select pg_get_wal_replay_pause_state() = 'paused' as paused`;
    const [state] = await regions.sql<{ paused: boolean }>(STANDBY, paused);
    if (state?.paused !== true) throw new Error('it goes on');
  });
  await regions.sql(PRIMARY, `insert into orders select generate_series(1, ${WRITES})`);
  const [end] = await regions.sql<{ lsn: string }>(PRIMARY, 'select pg_current_wal_flush_lsn()::text as lsn');
  await eventually({ what: 'the standby to receive all', withinMs: 20_000 }, async () => {
    const all = `select pg_last_wal_receive_lsn() >= '${end?.lsn}' as all`;
    const [state] = await regions.sql<{ all: boolean }>(STANDBY, all);
    if (state?.all !== true) throw new Error('it has not');
  });
  const store = regions.store();
  await eventually({ what: 'the setting in the lease', withinMs: 20_000 }, async () => {
    const known = (await store.read())?.lease.parameters?.[name];
    if (`${name} = ${known}` !== setting) throw new Error(`${name} = ${known}`);
  });
  store.close();
}

/** A setting of the server takes effect as its guard starts it. */
async function set(regions: TwoRegions, region: Region, setting: string): Promise<void> {
  await appendFile(join(regions.data(region), 'lifeboat.conf'), `${setting}\n`);
  await endAll(regions.records(region));
  await regions.startRegion(region);
}

async function startOf(regions: TwoRegions): Promise<string | undefined> {
  const [row] = await regions.sql<{ at: string }>(STANDBY, 'select pg_postmaster_start_time()::text as at');
  return row?.at;
}

async function force(regions: TwoRegions): Promise<void> {
  const session = await regions.connect(STANDBY, 'lifeboat');
  await session.query('select pg_promote(wait => false)');
  session.end().catch(() => {});
  await eventually({ what: 'PostgreSQL to end', withinMs: 20_000 }, async () => {
    const { state } = JSON.parse(await readFile(regions.guardState(STANDBY), 'utf8'));
    if (state !== 'stopped') throw new Error(state);
  });
}

const FATAL = 'FATAL: recovery aborted because of insufficient parameter settings';

/** Why it went wrong; null when it went as it must. */
export function wrongWith(lower: Lower, { refused, guard, ranOn, orders }: Refused): string | null {
  if (orders !== WRITES + 1) return `${orders} orders in place of ${WRITES + 1}`;
  if (lower === 'forced') {
    return refused?.includes(FATAL) ? null : `nothing says why PostgreSQL ends: ${refused}; ${guard}`;
  }
  const named = new RegExp(`${lower} = \\d+, below ${RAISED[lower]} of the primary`);
  if (refused === null || !named.test(refused)) return `the setting was not named: ${refused}`;
  return ranOn ? null : 'the standby was restarted, though it was not promoted';
}

/** Each setting, as often as wished. */
export async function* parameters(times: number): AsyncGenerator<Run> {
  for (let run = 1; run <= times; run++) {
    for (const lower of LOWER) {
      const wrong = wrongWith(lower, await promoteLower(lower));
      yield { name: `parameters ${run}, ${lower}`, struck: true, wrong };
    }
  }
}
