import { unclear } from '../combine-facts.ts';
import { milliseconds } from '../duration.ts';
import type { Facts } from '../facts.ts';
import type { DecisionRules } from '../recovery-plan.ts';
import type { ScenarioName } from '../schema.ts';
import { sight } from './conditions.ts';

/** A recovery that has ended, however it did. */
export interface PastRecovery {
  system: string;
  /** `<workflowId>/<runId>`. */
  id: string;
  endedAt: string;
  scenario: ScenarioName;
  outcome: string;
  /** Somebody has seen to it: the next one may start by itself. */
  acknowledged: boolean;
}

/** What is remembered from look to look. Plain data: it outlives the workflow run that made it. */
export interface History {
  lookedAt: string | null;
  /** The region that served then: what was seen is about it. */
  from: string | null;
  /** What was seen last, by `keyOf`, and since when without a break. Null: it could not be told. */
  seen: Record<string, { holds: boolean | null; since: string }>;
  /** Was the region reachable when that was last known? */
  reachable: boolean | null;
  /** When the region became reachable or unreachable, ISO, oldest first; those within the plan's time of flapping. */
  changes: string[];
  lastRecovery: PastRecovery | null;
  /** The last one that failovers wait for: planned work that ended in order is none. */
  lastUnplanned: PastRecovery | null;
}

export const NO_HISTORY: History = {
  lookedAt: null,
  from: null,
  seen: {},
  reachable: null,
  changes: [],
  lastRecovery: null,
  lastUnplanned: null,
};

/** Looks further apart than this say nothing of the time between them. */
const LONGEST_GAP_MS = 120_000;

/** Whether the region serves could not be told. */
export const UNKNOWN = 'facts-unknown';

export const keyOf = (rule: string, component: string | null): string =>
  component === null ? rule : `${rule}:${component}`;

const PLANNED: readonly ScenarioName[] = ['switchover', 'failback'];
/** As it began, or as it was to end: nothing of it is left half done. */
const IN_ORDER = ['recovered', 'refused'];

/** The history after a recovery: what was seen before belongs to the time before. */
export function afterRecovery({ lastUnplanned }: History, past: PastRecovery): History {
  const planned = PLANNED.includes(past.scenario) && IN_ORDER.includes(past.outcome);
  return { ...NO_HISTORY, lastRecovery: past, lastUnplanned: planned ? lastUnplanned : past };
}

/** The history with one more look in it. What was seen of a region that does not serve any more says nothing of this one. */
export function remember(past: History, facts: Facts, now: Date, rules: DecisionRules): History {
  const { from } = facts;
  const { lastRecovery, lastUnplanned } = past;
  const history = past.from === from ? past : { ...NO_HISTORY, lastRecovery, lastUnplanned };
  const at = now.toISOString();
  const gapMs = history.lookedAt === null ? 0 : now.getTime() - Date.parse(history.lookedAt);
  const before = gapMs > LONGEST_GAP_MS ? {} : history.seen;
  const sightings = rules.rules.map((rule) => {
    const { holds, component } = sight({ facts, rule, rules, now });
    return [keyOf(rule.name, component), holds] as const;
  });
  const unknown = [UNKNOWN, unclear(facts)] as const;
  const seen = [...sightings, unknown].map(([key, holds]) => {
    const last = before[key];
    return [key, last?.holds === holds ? last : { holds, since: at }] as const;
  });
  return { ...history, lookedAt: at, from, seen: Object.fromEntries(seen), ...flapped(history, facts, now, rules) };
}

function flapped(history: History, facts: Facts, now: Date, { flapping }: DecisionRules) {
  const reachable = facts.fromUnreachable === null ? history.reachable : !facts.fromUnreachable;
  const changed = history.reachable !== null && reachable !== history.reachable;
  const oldestMs = now.getTime() - milliseconds(flapping.within);
  const changes = [...history.changes, ...(changed ? [now.toISOString()] : [])];
  return { reachable, changes: changes.filter((at) => Date.parse(at) > oldestMs) };
}

/** Since when a condition holds, in milliseconds since 1970; null when the last look did not see it. */
export function heldSince({ seen }: History, key: string): number | null {
  const last = seen[key];
  return last?.holds === true ? Date.parse(last.since) : null;
}
