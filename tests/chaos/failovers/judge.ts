import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../../../lab/eventually.ts';
import type { Report } from '../../../plan/report.ts';
import type { Region } from '../../support/lab/shape.ts';
import type { FastLab } from './fast-lab.ts';
import { idsIn, look, NAMES, type Seen, serves } from './look.ts';
import type { Acknowledged } from './writers.ts';

/** What is unsafe about how a failover ended; empty when nothing is. */
export interface Judged {
  unsafe: string[];
  /** Acknowledged to the lab's client by the old region, and not in the new one. */
  lost: number;
}

export interface Course {
  from: Region;
  to: Region;
}

/** The application at full strength. */
const FULL_STRENGTH = 6;
/** A name may lead to an application that is just reading where its database is. */
const SERVES_WITHIN_MS = 5_000;
/** The old database, woken or started again, has been stopped by its guard by then. */
const SETTLED_WITHIN_MS = 10_000;

/** Compares what the report says with the outside. `before` is how the outside was before the disaster. */
export async function judge(
  fast: FastLab,
  course: Course,
  before: Seen,
  report: Report,
  lost: number,
): Promise<Judged> {
  const left = report.outcome === 'recovered' || report.outcome === 'failed';
  const expected = left ? null : before;
  const seen = await settled(fast, left ? course.to : course.from);
  fast.writers.hearClients();
  const unsafe = [
    ...twoWriters(course, [...fast.writers.direct, ...fast.writers.clients], left),
    ...(expected === null ? notArrived(fast, course, seen) : notRestored(course, expected, seen)),
    ...(report.outcome === 'recovered' ? await notServing(fast) : []),
  ];
  if (report.outcome !== 'recovered') return { unsafe, lost: 0 };
  const loss = await lossOf(fast, course);
  return { unsafe: [...unsafe, ...understated(report, loss, lost)], lost: loss.ofClients };
}

/** The outside once there is one primary, or as it is when time is up. */
async function settled(fast: FastLab, serving: Region): Promise<Seen> {
  let seen: Seen | null = null;
  await eventually({ what: 'one primary', withinMs: SETTLED_WITHIN_MS }, async () => {
    seen = await look(fast);
    if (seen.primaries.join() !== serving) throw new Error(seen.primaries.join());
  }).catch(() => {});
  return seen ?? (await look(fast));
}

/** In the order of acknowledgements, writing may move over once, and when it was undone once back. */
function twoWriters({ from, to }: Course, acknowledged: readonly Acknowledged[], left: boolean): string[] {
  const order = acknowledged.toSorted((one, other) => one.at - other.at).map(({ region }) => region);
  const turns = order.filter((region, index) => region !== order[index - 1]);
  const allowed = left ? [[from, to], [to]] : [[from], [from, to, from], [to, from]];
  if (allowed.some((turn) => isDeepStrictEqual(turn, turns))) return [];
  return [`two writers: acknowledged by ${turns.join(', then ')}`];
}

function notArrived({ lab, plan }: FastLab, { to }: Course, { lease, primaries, names, regions }: Seen): string[] {
  const { host } = lab.endpoint(`${to}/application`);
  const { ready, database, targets } = regions[to];
  const port = lab.endpoint(`${to}/application`).port;
  const facts: [string, unknown, unknown][] = [
    ['the lease names', lease, to],
    ['databases that take writes', primaries, [to]],
    ...NAMES.map((name): [string, unknown, unknown] => [`${name} leads to`, names[name], host]),
    ['ready pods', ready, FULL_STRENGTH],
    [`the database of ${plan.system}'s pods`, database, lab.endpoint(`${to}/postgres`).host],
    ['targets', targets, [`${host}:${port}`]],
  ];
  return differing(facts);
}

/** A recovery that did not stand has put back what it changed, in the region that it went to as well. */
function notRestored({ to }: Course, before: Seen, seen: Seen): string[] {
  return differing([
    ['the lease names', seen.lease, before.lease],
    ['databases that take writes', seen.primaries, before.primaries],
    ['names', seen.names, before.names],
    [`replicas in ${to}`, seen.regions[to].replicas, before.regions[to].replicas],
    [`database of the pods in ${to}`, seen.regions[to].database, before.regions[to].database],
    [`targets in ${to}`, seen.regions[to].targets, before.regions[to].targets],
  ]);
}

function differing(facts: readonly [string, unknown, unknown][]): string[] {
  return facts
    .filter(([, seen, expected]) => !isDeepStrictEqual(seen, expected))
    .map(([what, seen, expected]) => `${what} ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
}

async function notServing({ lab }: FastLab): Promise<string[]> {
  const look = () => Promise.all(NAMES.map((name) => serves(lab, name)));
  const seen = await eventually({ what: 'the names to serve', withinMs: SERVES_WITHIN_MS }, look).catch(String);
  return typeof seen === 'string' ? [`reported recovered, and ${seen}`] : [];
}

interface Loss {
  ofClients: number;
  /** Seconds from the newest write that was kept to the newest that was lost. */
  spanSeconds: number;
}

async function lossOf({ lab, writers }: FastLab, { from, to }: Course): Promise<Loss> {
  const [clients, direct] = await Promise.all([
    missing(writers.clients, (ids) => idsIn(lab, to, 'orders', ids)),
    missing(writers.direct, (ids) => idsIn(lab, to, 'direct', ids)),
  ]);
  const spans = [span(writers.clients, clients, from), span(writers.direct, direct, from)];
  return { ofClients: clients.length, spanSeconds: Math.max(...spans) };
}

async function missing(writes: readonly Acknowledged[], held: (ids: number[]) => Promise<Set<number>>) {
  // Writing goes on meanwhile: only what was acknowledged before the database is asked can be missing there.
  const acknowledged = [...writes];
  const ids = await held(acknowledged.map(({ id }) => id));
  return acknowledged.filter(({ id }) => !ids.has(id));
}

function span(acknowledged: readonly Acknowledged[], lost: readonly Acknowledged[], from: Region): number {
  if (lost.length === 0) return 0;
  const kept = acknowledged.filter((write) => write.region === from && !lost.includes(write));
  const newest = (some: readonly Acknowledged[]) => Math.max(...some.map(({ at }) => at));
  return kept.length === 0 ? 0 : (newest(lost) - newest(kept)) / 1000;
}

/** Unknown is never less. The ledger counts all that was ever lost, `before` among it. */
function understated({ dataLoss }: Report, { ofClients, spanSeconds }: Loss, before: number): string[] {
  const { actualSeconds, lostAcknowledgedWrites } = dataLoss;
  const lost = before + ofClients;
  return [
    ...(actualSeconds !== null && actualSeconds < spanSeconds
      ? [`reported a loss of ${actualSeconds} s, and ${spanSeconds} s were lost`]
      : []),
    ...(lostAcknowledgedWrites !== null && lostAcknowledgedWrites < lost
      ? [`reported ${lostAcknowledgedWrites} lost writes, and ${lost} were lost`]
      : []),
  ];
}

/** Where the system is, for what follows. */
export const servingOf = ({ from, to }: Course, { outcome }: Report): Region =>
  outcome === 'recovered' || outcome === 'failed' ? to : from;
