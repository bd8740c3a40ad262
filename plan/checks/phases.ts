import type { Action, Part } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import { relyingOn } from '../actions/order.ts';
import { type Findings, finding, own, repeated, warning } from '../finding.ts';
import { ancestors, findCycle } from '../graph.ts';
import type { Path } from '../problem.ts';
import type { Phase, Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** Each happens exactly once in a scenario. */
const PARTS: readonly Part[] = ['assess', 'decide', 'verify'];

/** Everything about the phases of one scenario, at `path` of the plan. */
export function* checkPhases(phases: readonly Phase[], components: Plan['components'], path: Path): Findings {
  for (const { index, key } of repeated(phases, ({ name }) => name)) {
    yield finding([...path, index, 'name'], `there is a phase "${key}" already`, 'give each phase its own name');
  }
  for (const [index, phase] of phases.entries()) {
    yield* checkAction(phase, components, [...path, index]);
    yield* checkNeeds(phase, phases, [...path, index]);
  }
  yield* checkOnce(phases, path);
  const cycle = findCycle(phases);
  if (cycle !== null) yield cycleFinding(cycle, phases, path);
  else if (needsAreKnown(phases)) {
    yield* checkOrder(phases, path);
    yield* checkTogether(phases, path);
  }
}

function* checkAction(phase: Phase, components: Plan['components'], path: Path): Findings {
  const action = own(ACTIONS, phase.action);
  if (action === undefined) {
    const hint = suggestion(phase.action, Object.keys(ACTIONS));
    yield finding([...path, 'action'], `there is no action "${phase.action}"`, hint);
    return;
  }
  yield* checkPhaseComponents(phase, action.kinds, components, path);
  yield* checkPhase(phase, action, path);
}

function* checkPhaseComponents(
  { action, components: used }: Phase,
  kinds: readonly string[],
  components: Plan['components'],
  path: Path,
): Findings {
  const fitting = Object.entries(components).flatMap(([name, { kind }]) => (kinds.includes(kind) ? [name] : []));
  if (kinds.length > 0 && used.length === 0) {
    const message = `${action} acts on components of kind ${kinds.join(' or ')}, and none is named`;
    yield finding([...path, 'components'], message, suggestion('', fitting));
  }
  for (const [index, name] of used.entries()) {
    const at = [...path, 'components', index];
    const kind = own(components, name)?.kind;
    if (kind === undefined) yield finding(at, `there is no component "${name}"`, suggestion(name, fitting));
    else if (kinds.length === 0) yield finding(at, `${action} acts on the whole system`, 'take the components out');
    else if (!kinds.includes(kind)) {
      const message = `${action} acts on components of kind ${kinds.join(' or ')}; "${name}" is of kind ${kind}`;
      yield finding(at, message, suggestion(name, fitting));
    }
  }
  for (const { index, key } of repeated(used, (name) => name)) {
    yield finding([...path, 'components', index], `"${key}" is named twice`, 'name it once');
  }
}

function* checkPhase(
  { name, action, budget, pointOfNoReturn }: Phase,
  { does, ...known }: Action,
  path: Path,
): Findings {
  if (does === 'decide' && budget !== undefined) {
    const hint = 'take it out; "gate.expires" says how long the gate waits';
    yield finding([...path, 'budget'], 'a gate has no budget: the time of people is counted apart', hint);
  }
  if (does !== 'decide' && budget === undefined) {
    yield finding([...path, 'budget'], `phase "${name}" has no budget`, 'say how long it should take, such as "60s"');
  }
  if (known.pointOfNoReturn && !pointOfNoReturn) {
    const message = `${action} must be a point of no return: undoing it discards the writes made since`;
    yield finding([...path, 'pointOfNoReturn'], message, 'add "pointOfNoReturn: true"');
  }
  if (!known.pointOfNoReturn && pointOfNoReturn) {
    const message = `${action} can be undone without losing data: it is no point of no return`;
    yield finding([...path, 'pointOfNoReturn'], message, 'take it out');
  }
}

function* checkNeeds({ name, needs }: Phase, phases: readonly Phase[], path: Path): Findings {
  const others = phases.map((phase) => phase.name).filter((other) => other !== name);
  for (const [index, need] of needs.entries()) {
    if (others.includes(need) || need === name) continue;
    yield finding([...path, 'needs', index], `there is no phase "${need}"`, suggestion(need, others));
  }
}

/** A need that is misspelt would be told again as everything that it was meant to bring about. */
function needsAreKnown(phases: readonly Phase[]): boolean {
  const names = phases.map(({ name }) => name);
  return phases.every(({ needs }) => needs.every((need) => names.includes(need)));
}

function* checkOnce(phases: readonly Phase[], path: Path): Findings {
  for (const part of PARTS) {
    const having = phases.flatMap((phase, index) => (partOf(phase) === part ? [{ ...phase, index }] : []));
    const [action] = Object.entries(ACTIONS).find(([, known]) => known?.does === part) ?? [part];
    if (having.length === 0) yield finding(path, `no phase has the action ${action}`, 'add one');
    for (const { index } of having.slice(1)) {
      const message = `a second ${action}; "${having[0]?.name}" is the first`;
      yield finding([...path, index, 'action'], message, 'a scenario has exactly one: take one out');
    }
  }
}

function cycleFinding(cycle: readonly string[], phases: readonly Phase[], path: Path) {
  const index = phases.findIndex(({ name }) => name === cycle[0]);
  const message = `phases need each other: ${cycle.join(' -> ')}`;
  return finding([...path, index, 'needs'], message, 'take one of these needs out');
}

/** Which part of a recovery the phase is; null for a change. */
function partOf({ action }: Phase): Part | null {
  const does = own(ACTIONS, action)?.does;
  return typeof does === 'string' ? does : null;
}

function* checkOrder(phases: readonly Phase[], path: Path): Findings {
  const named = (part: Part) => phases.filter((phase) => partOf(phase) === part).map(({ name }) => name);
  const [approve] = named('decide');
  const [assess] = named('assess');
  for (const [index, phase] of phases.entries()) {
    const { name } = phase;
    const before = ancestors(phases, name);
    const at = [...path, index, 'needs'];
    const lacking = (names: readonly string[]) => names.filter((other) => other !== name && !before.has(other));
    if (partOf(phase) === null && approve !== undefined && !before.has(approve)) {
      yield finding(at, `"${name}" changes the system and does not wait for the approval`, `let it need "${approve}"`);
    }
    if (partOf(phase) === 'decide' && lacking(named('assess')).length > 0) {
      yield finding(at, 'people would decide before the facts are known', `let it need "${assess}"`);
    }
    const why = own(ACTIONS, phase.action)?.after?.why;
    for (const other of lacking(relyingOn(phase, phases).map((earlier) => earlier.name))) {
      yield finding(at, `"${name}" must come after "${other}": ${why}`, `let it need "${other}"`);
    }
    if (partOf(phase) !== 'verify') continue;
    const unverified = lacking(phases.map((other) => other.name));
    if (unverified.length === 0) continue;
    yield finding(at, `verification must come last; it does not wait for ${unverified.join(', ')}`, 'let it need them');
  }
}

/** Phases that may run at the same time and change a component in the same way. */
function* checkTogether(phases: readonly Phase[], path: Path): Findings {
  const before = new Map(phases.map(({ name }) => [name, ancestors(phases, name)]));
  for (const [index, phase] of phases.entries()) {
    for (const earlier of phases.slice(0, index)) {
      if (before.get(phase.name)?.has(earlier.name) || before.get(earlier.name)?.has(phase.name)) continue;
      const shared = phase.components.filter((name) => earlier.components.includes(name));
      if (shared.length === 0 || ordered(phase, earlier) || !sameKindOfChange(phase.action, earlier.action)) continue;
      const message = `"${phase.name}" and "${earlier.name}" change ${shared.join(' and ')} at the same time`;
      yield warning([...path, index, 'needs'], message, `let one need the other`);
    }
  }
}

/** Does a rule say already which of the two comes first? */
const ordered = (one: Phase, other: Phase) => relyingOn(one, [other]).length > 0 || relyingOn(other, [one]).length > 0;

/** By their compensations: two changes that one compensation undoes are of one kind. */
function sameKindOfChange(one: string, other: string): boolean {
  const undo = own(ACTIONS, one)?.undo.verb ?? null;
  return one === other || (undo !== null && undo === own(ACTIONS, other)?.undo.verb);
}
