import { digest } from './digest.ts';
import { seconds } from './duration.ts';
import type { ComponentFacts, Facts, Measures, RegionFacts, VantageFacts } from './facts.ts';
import type { Scenario } from './schema.ts';
import { walGap } from './wal-position.ts';

/**
 * Puts together what the vantage points saw. A region is unreachable only when at least two look and all of them say so;
 * one that cannot tell makes it unknown, and one that reaches it makes it reachable.
 */
export function combineFacts(vantages: readonly VantageFacts[], from: string, to: string): Facts {
  const ofStandby = vantages.map((vantage) => ({ vantage, facts: regionOf(vantage, to) }));
  return {
    observedAt: vantages.map(({ observedAt }) => observedAt).sort()[0] ?? new Date(0).toISOString(),
    from,
    to,
    fromUnreachable: agreed(vantages.map((vantage) => unreachable(regionOf(vantage, from)))),
    standbyReady: firstKnown(ofStandby.map(({ facts }) => ready(facts))),
    expectedDataLossSeconds: largest(ofStandby.map(({ vantage, facts }) => lossSeconds(vantage, facts))),
    expectedDataLossBytes: largest(ofStandby.map(({ vantage, facts }) => lossBytes(vantage, facts))),
    servingRegions: [...new Set(vantages.flatMap(({ servingRegions }) => servingRegions))].sort(),
    vantages: [...vantages],
    ...seenBeyondRegions(vantages),
  };
}

/** Absent where nobody looked, so that facts from before it was looked at keep the digest that was signed. */
function seenBeyondRegions(vantages: readonly VantageFacts[]): Pick<Facts, 'components' | 'measures'> {
  const components = combineComponents(vantages);
  const measured = vantages.some(({ measures }) => measures !== undefined);
  return {
    ...(components.length > 0 && { components }),
    ...(measured && { measures: combineMeasures(vantages) }),
  };
}

/** What each vantage point saw of a region. */
export const regionViews = ({ vantages }: Pick<Facts, 'vantages'>, name: string): RegionFacts[] =>
  vantages.flatMap(({ regions }) => regions.filter(({ region }) => region === name));

/** Is it seen that clients can be served: somebody reaches the service, and somebody the database that takes writes? */
export function served(facts: Facts): boolean {
  const views = regionViews(facts, facts.from);
  const writes = views.some(({ databaseRole }) => databaseRole === 'primary');
  return writes && views.some(({ serviceReachable }) => serviceReachable === true);
}

/** What the system needs to serve from a region: its components there, and those that belong to none. */
export function componentsFor({ components = [] }: Facts, region: string): ComponentFacts[] {
  return components.filter((each) => each.region === region || each.region === null);
}

/** `cache in us-east-1`; `cdn`, where there is one for all regions. */
export function nameText({ component, region }: ComponentFacts): string {
  return region === null ? component : `${component} in ${region}`;
}

/**
 * Can it not be told whether the region serves? Neither may be unknown: a database that answers does not make up for a
 * service of which nothing is known, nor the other way round.
 */
export function unclear(facts: Facts): boolean {
  if (facts.fromUnreachable !== false) return facts.fromUnreachable === null;
  const views = regionViews(facts, facts.from);
  const unknown = (answers: (boolean | null)[]) => !answers.includes(true) && answers.includes(null);
  return (
    unknown(views.map(({ serviceReachable }) => serviceReachable)) ||
    unknown(views.map(({ databaseReachable }) => databaseReachable))
  );
}

type Reach = Pick<Facts, 'fromUnreachable' | 'unreachableSince'>;

/** The facts with for how long it has been so that nobody reaches the region, counted from look to look. */
export function countFrom(before: Reach | null, facts: Facts): Facts {
  const already = before?.fromUnreachable === true ? before.unreachableSince : null;
  return { ...facts, unreachableSince: facts.fromUnreachable === true ? (already ?? facts.observedAt) : null };
}

/** What an approval is bound to: SHA-256, in hex, of the facts in canonical JSON. */
export function factsDigest(facts: Facts): string {
  return digest(facts);
}

/** Why people must be asked again; null when what they approved of still holds. */
export function drifted(before: Facts, after: Facts, drift: Scenario['gate']['drift']): string | null {
  if (reachesOtherwise(before, after)) return `whether ${after.from} is unreachable has changed`;
  if (before.measures?.dataCorrupted !== true && after.measures?.dataCorrupted === true) return 'the data is corrupt';
  if (before.standbyReady !== after.standbyReady) return `whether the standby in ${after.to} is ready has changed`;
  if (before.servingRegions.join() !== after.servingRegions.join()) return 'the name leads to other regions now';
  const worse = failsNow(before, after);
  if (worse !== undefined) return `${nameText(worse)} is failing now`;
  return lossDrifted(before.expectedDataLossSeconds, after.expectedDataLossSeconds, seconds(drift.dataLoss));
}

/** That what was unknown has become certain leaves nothing to ask again. */
const reachesOtherwise = (before: Facts, after: Facts): boolean =>
  before.fromUnreachable !== after.fromUnreachable && !(before.fromUnreachable === null && after.fromUnreachable);

/** A component that the system needs where it is to be brought up, and that fails and did not. */
function failsNow(before: Facts, after: Facts): ComponentFacts | undefined {
  const failing = (facts: Facts) => componentsFor(facts, after.to).filter(({ health }) => health === 'failing');
  const known = failing(before).map(({ component }) => component);
  return failing(after).find(({ component }) => !known.includes(component));
}

function lossDrifted(before: number | null, after: number | null, limit: number): string | null {
  if (after === null) return before === null ? null : 'how much would be lost is no longer known';
  if (before === null) return 'how much would be lost is known now';
  return after - before > limit ? `the data loss would be ${after} s now and was ${before} s` : null;
}

const regionOf = ({ regions }: VantageFacts, name: string) => regions.find(({ region }) => region === name) ?? null;

function unreachable(facts: RegionFacts | null): boolean | null {
  if (facts === null) return null;
  if (facts.serviceReachable === true || facts.databaseReachable === true) return false;
  return facts.serviceReachable === false && facts.databaseReachable === false ? true : null;
}

/** Can a vantage point reach a region? Null: it cannot tell. */
export function reachable(vantage: VantageFacts, region: string): boolean | null {
  const gone = unreachable(regionOf(vantage, region));
  return gone === null ? null : !gone;
}

const BEST_FIRST = ['healthy', 'degraded', 'failing'] as const;

/** A component works if anybody finds it working, and fails only when everybody says so. */
function combineComponents(vantages: readonly VantageFacts[]): ComponentFacts[] {
  const all = vantages.flatMap((vantage) => [...vantage.regions, vantage].flatMap(({ components = [] }) => components));
  const groups = Map.groupBy(all, ({ component, region }) => `${component} ${region}`);
  return [...groups.values()].map((views) => {
    const best = BEST_FIRST.map((health) => views.find((view) => view.health === health)).find((view) => view);
    const blind = views.find(({ health }) => health === 'unknown');
    const said = best?.health === 'failing' ? (blind ?? best) : (best ?? blind);
    return said as ComponentFacts;
  });
}

/** The worst that anybody measured. */
function combineMeasures(vantages: readonly VantageFacts[]): Measures {
  const all = vantages.flatMap(({ measures }) => (measures ? [measures] : []));
  const corrupted = all.map(({ dataCorrupted }) => dataCorrupted);
  return {
    customerErrorsPercent: largest(all.map(({ customerErrorsPercent }) => customerErrorsPercent)),
    backupAgeSeconds: largest(all.map(({ backupAgeSeconds }) => backupAgeSeconds)),
    dataCorrupted: firstKnown(corrupted),
  };
}

/** A database that does not answer may be a standby all the same, behind a cut in the network. */
function ready(facts: RegionFacts | null): boolean | null {
  return facts === null || facts.databaseRole === null ? null : facts.databaseRole === 'standby';
}

/** What one vantage point alone sees may be its own trouble. */
const ENOUGH = 2;

/** One "no" is enough, and "yes" takes everybody. */
function agreed(answers: (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false;
  return answers.length >= ENOUGH && answers.every((answer) => answer === true) ? true : null;
}

/** A standby that one vantage point can ask is there, whoever else cannot. */
function firstKnown(answers: (boolean | null)[]): boolean | null {
  if (answers.includes(true)) return true;
  return answers.includes(false) ? false : null;
}

/**
 * The age of what was replayed last, less the time since the old primary's lease ran out: after that it can have
 * acknowledged nothing more.
 */
function lossSeconds(vantage: VantageFacts, facts: RegionFacts | null): number | null {
  if (facts?.replayAgeSeconds == null) return null;
  const { observedAt, lease } = vantage;
  const silent = lease === null ? 0 : (Date.parse(observedAt) - Date.parse(lease.expiresAt)) / 1000;
  const replayed = Math.max(0, facts.replayAgeSeconds - Math.max(0, silent));
  return Math.min(replayed, lossByReceipt(vantage, facts) ?? Number.POSITIVE_INFINITY);
}

/** A guard reads the position that it writes into the lease at most so long before. */
const READ_BEFORE_SECONDS = 1;

/**
 * Of a standby that applies late on purpose: what it has received counts, since a promotion applies all of it. One that
 * had all that the primary had flushed when it last renewed lacks no more than what was written since.
 */
function lossByReceipt({ observedAt, lease }: VantageFacts, { replay }: RegionFacts): number | null {
  if (lease === null || replay == null || replay.applyDelaySeconds <= 0) return null;
  if (walGap(lease.walPosition, replay.receivedPosition) !== 0) return null;
  const until = Math.min(Date.parse(observedAt), Date.parse(lease.expiresAt));
  return Math.max(0, until - Date.parse(lease.renewedAt)) / 1000 + READ_BEFORE_SECONDS;
}

function lossBytes({ lease }: VantageFacts, facts: RegionFacts | null): number | null {
  const late = (facts?.replay?.applyDelaySeconds ?? 0) > 0;
  const has = late ? facts?.replay?.receivedPosition : facts?.walPosition;
  return walGap(lease?.walPosition ?? null, has ?? null);
}

/** How far the standby in `to` is behind in what it has applied: what a planned move waits for. */
export function appliedLagSeconds(facts: Pick<Facts, 'to' | 'vantages'>): number | null {
  return largest(regionViews(facts, facts.to).map(({ replayAgeSeconds }) => replayAgeSeconds));
}

function largest(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
