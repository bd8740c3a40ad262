import { seconds } from './duration.ts';
import type { Phase } from './schema.ts';

/** What the graph needs of a phase. */
export type Node = Pick<Phase, 'name' | 'needs'> & { budget?: string | undefined };

/**
 * Phases in waves: each phase stands in the first wave after all that it needs. Phases on a cycle, and those behind
 * one, are in no wave; needs that name no phase are taken as met.
 */
export function waves<P extends Node>(phases: readonly P[]): P[][] {
  const names = new Set(phases.map(({ name }) => name));
  const done = new Set<string>();
  const result: P[][] = [];
  for (;;) {
    const ready = phases.filter(
      ({ name, needs }) => !done.has(name) && needs.every((need) => done.has(need) || !names.has(need)),
    );
    if (ready.length === 0) return result;
    result.push(ready);
    for (const { name } of ready) done.add(name);
  }
}

/** Phases in an order in which each follows what it needs; those on or behind a cycle are left out. */
export function dependencyOrder<P extends Node>(phases: readonly P[]): P[] {
  return waves(phases).flat();
}

/** The names of a cycle, its first name again at the end; null when there is none. */
export function findCycle(phases: readonly Node[]): string[] | null {
  const ordered = new Set(dependencyOrder(phases));
  const stuck = new Map(phases.filter((phase) => !ordered.has(phase)).map((phase) => [phase.name, phase]));
  const trail: string[] = [];
  // Every stuck phase needs a stuck phase, so following the needs must come around.
  for (let at = stuck.values().next().value; at !== undefined; ) {
    const seen = trail.indexOf(at.name);
    if (seen >= 0) return [...trail.slice(seen), at.name];
    trail.push(at.name);
    const next = at.needs.find((need) => stuck.has(need));
    at = next === undefined ? undefined : stuck.get(next);
  }
  return null;
}

/** Every phase that must have ended before the named one starts, however far back. */
export function ancestors(phases: readonly Node[], name: string): Set<string> {
  const byName = new Map(phases.map((phase) => [phase.name, phase]));
  const found = new Set<string>();
  const open = [...(byName.get(name)?.needs ?? [])];
  for (let need = open.pop(); need !== undefined; need = open.pop()) {
    if (found.has(need)) continue;
    found.add(need);
    open.push(...(byName.get(need)?.needs ?? []));
  }
  return found;
}

export interface CriticalPath {
  names: string[];
  /** Sum of budgets along the path; a gate has none, since human time is counted apart. */
  seconds: number;
}

const NO_PATH: CriticalPath = { names: [], seconds: 0 };

/** The chain of needs whose budgets add up to the most: how long the recovery takes when every phase uses its budget. */
export function criticalPath(phases: readonly Node[]): CriticalPath {
  const paths = new Map<string, CriticalPath>();
  let longest = NO_PATH;
  for (const { name, needs, budget } of dependencyOrder(phases)) {
    const before = needs
      .map((need) => paths.get(need) ?? NO_PATH)
      .reduce((most, path) => (path.seconds > most.seconds || most === NO_PATH ? path : most), NO_PATH);
    const path = { names: [...before.names, name], seconds: before.seconds + (budget ? seconds(budget) : 0) };
    paths.set(name, path);
    if (path.seconds >= longest.seconds) longest = path;
  }
  return longest;
}
