import { Resolver } from 'node:dns/promises';
import { Redis } from 'ioredis';
import type { Report } from '../../plan/report.ts';
import { withDatabase } from '../database.ts';
import { breakLab } from '../faults.ts';
import type { Lab } from '../lab.ts';
import type { Shape } from '../shapes/shape.ts';
import type { Measured } from './measure.ts';
import { readyReplicas } from './workloads.ts';

/** Something that must hold, found out by asking the outside world and never Lifeboat. */
export interface OutsideCheck {
  name: string;
  passed: boolean;
  seen: string;
}

/** Pods of the application at full strength, and of a standby. */
function strengths({ workloads }: Shape): { full: number; standby: number } {
  const counts = Object.values(workloads?.replicas ?? {});
  return { full: Math.max(...counts), standby: Math.min(...counts) };
}

/** Where the system came from and went to, and the timeline that its database must be on now. */
export interface Course {
  from: string;
  to: string;
  timeline: number;
}

/** Everything that a reader of a failover's report would want to see for himself. */
export async function checkOutside(
  lab: Lab,
  course: Course,
  report: Report,
  measured: Measured,
): Promise<OutsideCheck[]> {
  return [...(await checkArrived(lab, course, report, measured)), await oldRegionStaysFenced(lab, course)];
}

/** The same of a planned move, which leaves a standby behind and loses nothing. */
export async function checkMoved(
  lab: Lab,
  course: Course & { lostBefore?: number },
  report: Report,
  measured: Measured,
): Promise<OutsideCheck[]> {
  const left = [leftRegionFollows(lab, course), leftRegionStandsBy(lab, course)];
  return [
    ...(await checkArrived(lab, course, report, measured)),
    nothingLost(course.lostBefore ?? 0, report, measured),
    ...(await Promise.all(left)),
  ];
}

async function checkArrived(lab: Lab, course: Course, report: Report, measured: Measured): Promise<OutsideCheck[]> {
  const { to } = course;
  const both = lab.shape.zones.map(({ record }) => nameLeadsTo(lab, to, record));
  return [
    ...(await Promise.all([...both, timelineMovedOnce(lab, course), workloadsReady(lab, to), cacheFilled(lab, to)])),
    lossIsNotUnderstated(report, measured),
    oneWriter(measured),
  ];
}

async function nameLeadsTo(lab: Lab, to: string, name: string): Promise<OutsideCheck> {
  const { host, port } = lab.endpoint('third-place/dns');
  const resolver = new Resolver({ timeout: 2_000, tries: 3 });
  resolver.setServers([`${host}:${port}`]);
  const answers = await resolver.resolve4(name);
  const expected = lab.endpoint(`${to}/application`).host;
  return check(`DNS of ${name} leads to ${to}`, answers.join() === expected, answers.join(', '));
}

/** Asking for the current position fails on a standby, so that an answer means a primary. */
async function timelineMovedOnce(lab: Lab, { to, timeline: expected }: Course): Promise<OutsideCheck> {
  const sql = 'SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline';
  const { rows } = await withDatabase(lab, to, (client) => client.query<{ timeline: string }>(sql));
  const timeline = Number.parseInt(rows[0]?.timeline ?? '0', 16);
  return check(`PostgreSQL in ${to} is primary, one timeline on`, timeline === expected, `timeline ${timeline}`);
}

async function workloadsReady(lab: Lab, to: string): Promise<OutsideCheck> {
  const ready = await readyReplicas(lab, to);
  const { full } = strengths(lab.shape);
  return check(`workloads in ${to} are at full strength`, ready === full, `${ready} of ${full} ready`);
}

async function cacheFilled(lab: Lab, to: string): Promise<OutsideCheck> {
  const redis = new Redis({ ...lab.endpoint(`${to}/redis`), maxRetriesPerRequest: 1 });
  try {
    const keys = await redis.dbsize();
    return check(`Redis in ${to} is rebuilt`, keys > 0, `${keys} keys`);
  } finally {
    redis.disconnect();
  }
}

/** What Lifeboat reports may be more than was lost, never less. */
function lossIsNotUnderstated({ dataLoss }: Report, { lost, lostSpanSeconds }: Measured): OutsideCheck {
  const { actualSeconds, lostAcknowledgedWrites } = dataLoss;
  const holds = actualSeconds !== null && actualSeconds >= lostSpanSeconds && (lostAcknowledgedWrites ?? 0) >= lost;
  const seen = `reported ${actualSeconds} s and ${lostAcknowledgedWrites} writes; the ledger says ${lostSpanSeconds} s and ${lost}`;
  return check('reported data loss is not less than the ledger says', holds, seen);
}

function oneWriter({ onOldTimeline }: Measured): OutsideCheck {
  const seen = `${onOldTimeline} writes acknowledged on the old timeline after the new one`;
  return check('never two writers', onOldTimeline === 0, seen);
}

function nothingLost(lostBefore: number, { dataLoss }: Report, { lost }: Measured): OutsideCheck {
  const { actualSeconds, bytes, lostAcknowledgedWrites: reported, method } = dataLoss;
  const holds = actualSeconds === 0 && bytes === 0 && lost === lostBefore && reported === lostBefore;
  return check('no further write is lost', holds, `the ledger says ${lost} after ${lostBefore}; reported: ${method}`);
}

async function leftRegionFollows(lab: Lab, { from, timeline }: Course): Promise<OutsideCheck> {
  const sql = `SELECT pg_is_in_recovery() AS standby, (SELECT received_tli FROM pg_stat_wal_receiver) AS timeline`;
  const { rows } = await withDatabase(lab, from, (client) => client.query(sql), 'lifeboat');
  const follows = rows[0]?.standby === true && rows[0]?.timeline === timeline;
  return check(`PostgreSQL in ${from} is a standby that streams`, follows, JSON.stringify(rows[0]));
}

async function leftRegionStandsBy(lab: Lab, { from }: Course): Promise<OutsideCheck> {
  const ready = await readyReplicas(lab, from);
  const { standby } = strengths(lab.shape);
  return check(`workloads in ${from} are at the strength of a standby`, ready === standby, `${ready} ready`);
}

/** The dead region comes back with its data as it was, if it is not back already: it must not take a write. */
async function oldRegionStaysFenced(lab: Lab, { from }: Course): Promise<OutsideCheck> {
  const name = `PostgreSQL in ${from} comes back and takes no write`;
  await breakLab(lab, ['restore', `${from}/postgres`]);
  const write = "INSERT INTO orders (id, client, region, body) VALUES (-1, 'gameday', 'nowhere', 'second writer')";
  try {
    await withDatabase(lab, from, (client) => client.query(write));
    return check(name, false, 'it took a write: there are two writers');
  } catch (error) {
    return check(name, true, `the write failed: ${error instanceof Error ? error.message || error.name : error}`);
  }
}

const check = (name: string, passed: boolean, seen: string): OutsideCheck => ({ name, passed, seen });
