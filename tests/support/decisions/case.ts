import { combineFacts } from '../../../plan/combine-facts.ts';
import { decide } from '../../../plan/decide/decide.ts';
import { afterRecovery, type History, NO_HISTORY, type PastRecovery, remember } from '../../../plan/decide/history.ts';
import type { Verdict } from '../../../plan/decide/verdict.ts';
import { byPlan, type Direction, directionOf } from '../../../plan/direction.ts';
import type { ComponentFacts, Facts, Health, Measures, RegionFacts, VantageFacts } from '../../../plan/facts.ts';
import type { DecisionRules } from '../../../plan/recovery-plan.ts';
import type { ComponentKind } from '../../../plan/schema.ts';

/** A case of the decision tables: looks at a system that is well but for what is written. */
export interface Case {
  about: string;
  /** A system of `runbooks/`, or a file of `tests/fixtures/source-plans/`. */
  plan: string;
  maintenance?: DecisionRules['maintenance'];
  /** A region failover, if not said otherwise. */
  lastRecovery?: Omit<PastRecovery, 'scenario'> & Partial<PastRecovery>;
  /** Where the system was last known to serve, where that is not its primary region. */
  servedLast?: 'standby';
  looks: LookWritten[];
}

type RegionWritten = 'well' | 'lost' | 'unknown' | Partial<RegionFacts>;

/** One look, or one every half minute from `at` until `to`. */
interface LookWritten {
  at: string;
  to?: string;
  primary?: RegionWritten;
  standby?: RegionWritten;
  /** What one vantage point alone sees of the primary region. */
  from?: Record<string, RegionWritten>;
  /** Vantage points that cannot look at all. */
  blind?: string[];
  components?: Record<string, Health>;
  standbyComponents?: Record<string, Health>;
  /** Components of no region; healthy when absent. */
  shared?: Record<string, Health>;
  measures?: Partial<Measures>;
  serving?: 'primary' | 'standby' | 'unknown';
  /** Which region the lease names; none when absent. */
  lease?: 'primary' | 'standby';
}

export const PRIMARY = 'us-east-1';
export const STANDBY = 'eu-central-1';
const REGIONS = { primary: PRIMARY, standby: STANDBY };

const KINDS: Record<string, ComponentKind> = {
  analytics: 'analytics',
  events: 'stream',
  cache: 'cache',
  workloads: 'workloads',
  balancer: 'load-balancer',
};

const SHARED_KINDS: Record<string, ComponentKind> = { dns: 'dns', 'edge-dns': 'dns', cdn: 'cdn' };

const unseen = { databaseRole: null, timeline: null, walPosition: null, replayAgeSeconds: null, remarks: [] };
const PRESETS = {
  lost: { ...unseen, serviceReachable: false, databaseReachable: false },
  unknown: { ...unseen, serviceReachable: null, databaseReachable: null },
};

function region(name: string, written: RegionWritten = 'well'): RegionFacts {
  const seen = { serviceReachable: true, databaseReachable: true, timeline: 1, walPosition: '0/3000148', remarks: [] };
  const role = name === PRIMARY ? ('primary' as const) : ('standby' as const);
  const well = { region: name, ...seen, databaseRole: role, replayAgeSeconds: role === 'standby' ? 1 : null };
  if (written === 'well') return well;
  return typeof written === 'string' ? { region: name, ...PRESETS[written] } : { ...well, ...written };
}

function components(name: string, of: RegionFacts, written: Record<string, Health> = {}): ComponentFacts[] {
  const gone = of.serviceReachable === false && of.databaseReachable === false;
  const usual: Health = gone ? 'failing' : of.serviceReachable === null ? 'unknown' : 'healthy';
  return Object.entries(KINDS).map(([component, kind]) => {
    return { component, kind, region: name, health: written[component] ?? usual, detail: '' };
  });
}

function shared(written: Record<string, Health> = {}): ComponentFacts[] {
  return Object.entries(SHARED_KINDS).map(([component, kind]) => {
    return { component, kind, region: null, health: written[component] ?? 'healthy', detail: '' };
  });
}

const TERM = { renewedAt: '2026-06-10T09:59:00Z', expiresAt: '2026-06-10T09:59:10Z', walPosition: null };

function vantage(look: LookWritten, name: string, observedAt: string): VantageFacts {
  const primary = region(PRIMARY, look.from?.[name] ?? look.primary);
  const standby = region(STANDBY, look.standby);
  const serving = { primary: [PRIMARY], standby: [STANDBY], unknown: [] }[look.serving ?? 'primary'];
  return {
    vantage: name,
    observedAt,
    regions: [
      { ...primary, components: components(PRIMARY, primary, look.components) },
      { ...standby, components: components(STANDBY, standby, look.standbyComponents) },
    ],
    servingRegions: serving,
    components: shared(look.shared),
    lease: look.lease === undefined ? null : { ...TERM, holder: REGIONS[look.lease] },
    measures: { customerErrorsPercent: null, backupAgeSeconds: null, dataCorrupted: null, ...look.measures },
  };
}

const DAY = '2026-06-10';
const moment = (clock: string) => new Date(`${DAY}T${clock.length === 5 ? `${clock}:00` : clock}Z`);

function* moments({ at, to }: LookWritten): Generator<Date> {
  const end = moment(to ?? at).getTime();
  for (let now = moment(at).getTime(); now <= end; now += 30_000) yield new Date(now);
}

/** The verdict after the last look. As an incident does, it looks from outside of the region that serves. */
export function lastVerdict({ looks, lastRecovery, servedLast }: Case, rules: DecisionRules): Verdict {
  let history: History =
    lastRecovery === undefined
      ? NO_HISTORY
      : afterRecovery(NO_HISTORY, { scenario: 'region-failover', ...lastRecovery });
  let direction = servedLast === undefined ? byPlan(REGIONS) : { from: STANDBY, to: PRIMARY };
  let last: { facts: Facts; now: Date } | null = null;
  for (const look of looks) {
    for (const now of moments(look)) {
      direction = directionOf(views(look, direction, now), REGIONS, direction);
      const facts = combineFacts(views(look, direction, now), direction.from, direction.to);
      history = remember(history, facts, now, rules);
      last = { facts, now };
    }
  }
  if (last === null) throw new Error('a case needs a look');
  return decide(last.facts, history, last.now, rules);
}

function views(look: LookWritten, { to }: Direction, now: Date): VantageFacts[] {
  const seeing = ['third-place', to].filter((name) => !look.blind?.includes(name));
  return seeing.map((name) => vantage(look, name, now.toISOString()));
}
