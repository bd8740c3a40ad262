import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { eventually } from '../../lab/eventually.ts';
import { endAll } from '../../lab/supervisor.ts';
import { Steps } from '../support/database/steps.ts';
import { PRIMARY, STANDBY, TwoRegions } from '../support/database/two-regions.ts';
import type { Run } from './matrix.ts';

/**
 * A report runs on a standby that waits for reports without end, and its region is to take over.
 *
 * - `asked`: replay waits for it, and the plan does not let it be ended: it is named, and no promotion comes when it ends;
 * - `ended`: replay waits for it, and the plan lets it be ended;
 * - `harmless`: replay does not wait for it, and it goes on;
 * - `given back`: a promotion that was sent is pending when the recovery gives the lease back;
 * - `left behind`: a promotion that was sent is pending, and nobody follows it any more.
 */
export const REPORTS = ['asked', 'ended', 'harmless', 'given back', 'left behind'] as const;
export type Report = (typeof REPORTS)[number];

/** A report may lengthen the outage to this, where it may be ended or holds nothing up. */
export const OUTAGE_MS = 15_000;

/** So long the standby is watched for a promotion that nobody expects any more. */
const WATCHED_MS = 3_000;

/** As seen by clients and by the sessions of the test, never by what the steps answer. */
export interface Seen {
  /** From the death of the primary to the first write that the new one takes; null when it was not to take over. */
  outageMs: number | null;
  /** Did the standby become a primary when it was not to? */
  promotedLater: boolean;
  /** How the first attempt ended, when it was to fail. */
  refused: string | null;
  reportPid: number;
  reportGoesOn: boolean;
  /** Orders on the server that takes writes in the end. */
  orders: number;
}

export async function withReport(report: Report): Promise<Seen> {
  const regions = await TwoRegions.start();
  try {
    await regions.sql(PRIMARY, 'create table orders (id bigint primary key)');
    await regions.sql(PRIMARY, 'insert into orders select generate_series(1, 1000)');
    await appendFile(
      join(regions.data(STANDBY), 'lifeboat.conf'),
      'max_standby_streaming_delay = -1\nmax_standby_archive_delay = -1\nhot_standby_feedback = off\n',
    );
    await endAll(regions.records(STANDBY));
    await regions.startRegion(STANDBY);
    await eventually({ what: 'the orders on the standby', withinMs: 20_000 }, async () => {
      if ((await ordersIn(regions, STANDBY)) !== 1_000) throw new Error('not all yet');
    });
    const session = await regions.connect(STANDBY);
    const pid = await startReport(session);
    if (report !== 'harmless') await collide(regions);
    return { ...(await COURSES[report](regions, session)), reportPid: pid };
  } finally {
    await regions.end();
  }
}

async function ordersIn(regions: TwoRegions, region: typeof PRIMARY): Promise<number> {
  return (await regions.sql(region, 'select from orders')).length;
}

async function startReport(session: pg.Client): Promise<number> {
  await session.query('set idle_in_transaction_session_timeout = 0');
  await session.query('begin isolation level repeatable read');
  await session.query('select count(*) from orders');
  return (await session.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;
}

/** Takes away on the primary what the report may still read. */
async function collide(regions: TwoRegions): Promise<void> {
  await regions.sql(PRIMARY, 'delete from orders');
  await regions.sql(PRIMARY, 'vacuum orders');
  const session = await regions.connect(STANDBY, 'lifeboat');
  await eventually({ what: 'replay to wait for the report', withinMs: 20_000, everyMs: 50 }, async () => {
    const waits = `select wait_event from pg_stat_activity where backend_type = 'startup'`;
    const [row] = (await session.query<{ wait_event: string | null }>(waits)).rows;
    if (!row?.wait_event?.startsWith('RecoveryConflict')) throw new Error(`it waits for ${row?.wait_event}`);
  });
  await session.end();
}

type Course = (regions: TwoRegions, session: pg.Client) => Promise<Omit<Seen, 'reportPid'>>;

const COURSES: Record<Report, Course> = {
  async asked(regions, session) {
    regions.signal(PRIMARY, 'SIGKILL');
    const steps = new Steps(regions);
    const fenced = await steps.fence();
    const refused = await failure(steps.promote(fenced, new Date().toISOString(), 6_000));
    const reportGoesOn = await goesOn(session);
    await session.end();
    const promotedLater = await becomesPrimary(regions);
    await steps.promote(fenced, new Date().toISOString());
    return { outageMs: null, promotedLater, refused, reportGoesOn, orders: await ordersIn(regions, STANDBY) };
  },

  ended: (regions, session) => takeOver(regions, session, true),
  harmless: (regions, session) => takeOver(regions, session, false),

  async 'given back'(regions, session) {
    const steps = new Steps(regions);
    await steps.fence();
    await sendPromotion(regions);
    await steps.giveBack();
    const reportGoesOn = await goesOn(session);
    await session.end();
    const promotedLater = await becomesPrimary(regions);
    await regions.sql(PRIMARY, 'insert into orders values (0)');
    return { outageMs: null, promotedLater, refused: null, reportGoesOn, orders: await ordersIn(regions, PRIMARY) };
  },

  async 'left behind'(regions, session) {
    regions.signal(PRIMARY, 'SIGKILL');
    const steps = new Steps(regions);
    const fenced = await steps.fence();
    await sendPromotion(regions);
    await eventually({ what: 'the guard to withdraw the promotion', withinMs: 30_000, everyMs: 200 }, async () => {
      if (await goesOn(session)) throw new Error('the report goes on');
    });
    const promotedLater = await becomesPrimary(regions);
    await steps.promote(fenced, new Date().toISOString());
    const orders = await ordersIn(regions, STANDBY);
    return { outageMs: null, promotedLater, refused: null, reportGoesOn: false, orders };
  },
};

async function takeOver(regions: TwoRegions, session: pg.Client, endBlockingSessions: boolean) {
  const steps = new Steps(regions, Date.now(), undefined, { endBlockingSessions });
  const killedAt = performance.now();
  regions.signal(PRIMARY, 'SIGKILL');
  const written = eventually({ what: 'a write', withinMs: 60_000, everyMs: 50 }, async () => {
    await regions.sql(STANDBY, 'insert into orders values (0)');
    return performance.now() - killedAt;
  });
  await steps.promote(await steps.fence(), new Date().toISOString());
  const outageMs = Math.round(await written);
  const orders = await ordersIn(regions, STANDBY);
  return { outageMs, promotedLater: false, refused: null, reportGoesOn: await goesOn(session), orders };
}

/** As a step does whose worker dies right after it. */
async function sendPromotion(regions: TwoRegions): Promise<void> {
  const session = await regions.connect(STANDBY, 'lifeboat');
  await session.query('select pg_promote(wait => false)');
  await session.end();
}

async function failure(promotion: Promise<unknown>): Promise<string | null> {
  return await promotion.then(
    () => null,
    (error: Error) => error.message,
  );
}

async function goesOn(session: pg.Client): Promise<boolean> {
  return await session.query('select count(*) from orders').then(
    () => true,
    () => false,
  );
}

/** A standby that has replayed all would be promoted by now, if anything were pending. */
async function becomesPrimary(regions: TwoRegions): Promise<boolean> {
  const caughtUp = `select pg_is_in_recovery() as standby,
    coalesce(pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(), true) as all`;
  await eventually({ what: 'the standby to replay all', withinMs: 20_000 }, async () => {
    const [state] = await regions.sql<{ all: boolean; standby: boolean }>(STANDBY, caughtUp);
    if (state?.standby && !state.all) throw new Error('it has not replayed all');
  });
  const until = Date.now() + WATCHED_MS;
  return await eventually({ what: 'the watch to end', withinMs: 2 * WATCHED_MS, everyMs: 100 }, async () => {
    const [state] = await regions.sql<{ standby: boolean }>(STANDBY, 'select pg_is_in_recovery() as standby');
    if (state?.standby && Date.now() < until) throw new Error('it is a standby');
    return state?.standby !== true;
  });
}

/** Why a course went wrong; null when it went as it must. */
export function wrongWith(report: Report, seen: Seen): string | null {
  const { outageMs, promotedLater, refused, reportPid, reportGoesOn, orders } = seen;
  if (promotedLater) return 'the standby was promoted when nobody expected it any more';
  if (report === 'asked' && !(refused?.includes(`pid ${reportPid} of application`) && reportGoesOn)) {
    return `the report was not named, or ended: ${refused}`;
  }
  if (outageMs !== null && outageMs > OUTAGE_MS) return `the outage took ${outageMs} ms`;
  if (report === 'harmless' && !reportGoesOn) return 'a report was ended that held nothing up';
  const expected = { asked: 0, ended: 1, harmless: 1_001, 'given back': 1, 'left behind': 0 }[report];
  return orders === expected ? null : `${orders} orders in place of ${expected}`;
}

/** Each course, as often as wished. */
export async function* longQueries(times: number): AsyncGenerator<Run> {
  for (let run = 1; run <= times; run++) {
    for (const report of REPORTS) {
      const seen = await withReport(report);
      const took = seen.outageMs === null ? '' : `: writes again after ${(seen.outageMs / 1000).toFixed(1)} s`;
      yield { name: `long query ${run}, ${report}${took}`, struck: true, wrong: wrongWith(report, seen) };
    }
  }
}
