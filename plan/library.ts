import { parse } from 'yaml';
import { ACTIONS } from './actions/index.ts';
import { type Finding, type Findings, finding, own } from './finding.ts';
import { ancestors } from './graph.ts';
import type { Path } from './problem.ts';
import { ExtendedScenario, type Phase, Scenario } from './schema.ts';
import { suggestion } from './suggest.ts';

/** Scenarios that plans extend, by name. Their phases name no components: they act on all of their kinds. */
export type Library = Readonly<Record<string, Scenario>>;

/**
 * The library from the texts of its files, by name; one may extend another.
 *
 * @throws on the first thing that is wrong: the library is part of the product
 */
export function readLibrary(texts: Readonly<Record<string, string>>): Library {
  const scenarioOf = (name: string, within: readonly string[]): Scenario => {
    const text = own(texts, name);
    if (text === undefined || within.includes(name))
      throw new Error(`the library's ${within.at(-1)} extends "${name}"`);
    const data: unknown = parse(text);
    const extended = ExtendedScenario.safeParse(data);
    if (!extended.success) return Scenario.parse(data);
    return extend(extended.data, scenarioOf(extended.data.extends, [...within, name]));
  };
  return Object.fromEntries(Object.keys(texts).map((name) => [name, scenarioOf(name, [])]));
}

/** The data of a plan with the library's scenarios put in, and what is wrong with what it says of them. */
interface Expanded {
  data: unknown;
  findings: Finding[];
}

/**
 * Puts the library's scenarios in the place of those that extend them. In the place of what cannot be read, or extends
 * what is not there, another one stands, so that nothing is told twice.
 *
 * @param data of a plan, as it is written
 * @param readAs reads one that extends, at a path; null when it cannot be read, which has been told then
 */
export function expandScenarios(
  data: unknown,
  library: Library,
  readAs: (written: unknown, path: Path) => ExtendedScenario | null = (written) => ExtendedScenario.parse(written),
): Expanded {
  if (!isMap(data) || !isMap(data['scenarios'])) return { data, findings: [] };
  const findings: Finding[] = [];
  const kinds = kindsOf(data['components']);
  const [instead] = Object.values(library);
  const scenarios = Object.entries(data['scenarios']).map(([name, written]) => {
    if (!isMap(written) || !('extends' in written)) return [name, written];
    const path = ['scenarios', name];
    const extended = readAs(written, path);
    const found = extended === null ? undefined : own(library, extended.extends);
    if (extended !== null) findings.push(...checkExtended(extended, library, path));
    if (extended === null || found === undefined) return [name, instead && bind(instead, kinds)];
    return [name, bind(extend(extended, found), kinds)];
  });
  return { data: { ...data, scenarios: Object.fromEntries(scenarios) }, findings };
}

function* checkExtended({ extends: name, leaveOut, phases }: ExtendedScenario, library: Library, path: Path): Findings {
  const found = own(library, name);
  if (found === undefined) {
    yield finding(
      [...path, 'extends'],
      `the library has no scenario "${name}"`,
      suggestion(name, Object.keys(library)),
    );
    return;
  }
  const names = found.phases.map((phase) => phase.name);
  const said = [
    ...Object.keys(phases).map((phase) => ({ phase, at: [...path, 'phases', phase] })),
    ...leaveOut.map((phase, index) => ({ phase, at: [...path, 'leaveOut', index] })),
  ];
  for (const { phase, at } of said) {
    if (names.includes(phase)) continue;
    yield finding(at, `"${name}" of the library has no phase "${phase}"`, suggestion(phase, names));
  }
}

/** The library's scenario with what is said of it. */
function extend(
  { extends: _, leaveOut, phases: changes, ...changed }: ExtendedScenario,
  { phases, ...usual }: Scenario,
): Scenario {
  const all = phases.map((phase) => ({ ...phase, ...(own(changes, phase.name) as Partial<typeof phase> | undefined) }));
  const ofItsOwn = changed as Partial<typeof usual>;
  return { ...usual, ...ofItsOwn, phases: without(all, ({ name }) => leaveOut.includes(name)) };
}

/** Each phase acts on the plan's components of its kinds, unless it names some; without any there is nothing to do. */
function bind({ phases, ...scenario }: Scenario, kinds: ReadonlyMap<string, string>): Scenario {
  const actsOn = ({ action }: Phase) => ACTIONS[action]?.kinds ?? [];
  const ofKinds = (phase: Phase) =>
    [...kinds].flatMap(([name, kind]) => (actsOn(phase).some((each) => each === kind) ? [name] : []));
  const all = phases.map((phase) => (phase.components.length > 0 ? phase : { ...phase, components: ofKinds(phase) }));
  return { ...scenario, phases: without(all, (phase) => actsOn(phase).length > 0 && phase.components.length === 0) };
}

/** Who needs a phase that is left out needs what that one needed, where nothing else brings it about. */
function without(phases: Phase[], isOut: (phase: Phase) => boolean): Phase[] {
  const out = new Map(phases.filter(isOut).map((phase) => [phase.name, phase.needs]));
  const instead = (need: string): string[] => out.get(need)?.flatMap(instead) ?? [need];
  const left = phases.filter((phase) => !out.has(phase.name));
  const needing = left.map((phase) => ({ ...phase, needs: [...new Set(phase.needs.flatMap(instead))] }));
  return needing.map((phase, index) => {
    if (left[index]?.needs.every((need) => !out.has(need))) return phase;
    const isImplied = (need: string) => phase.needs.some((other) => ancestors(needing, other).has(need));
    return { ...phase, needs: phase.needs.filter((need) => !isImplied(need)) };
  });
}

/** As they are written: a kind that does not exist is no action's. */
function kindsOf(components: unknown): ReadonlyMap<string, string> {
  const written = isMap(components) ? Object.entries(components) : [];
  return new Map(written.map(([name, component]) => [name, isMap(component) ? String(component['kind']) : '']));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
