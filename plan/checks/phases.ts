import { AFTER, relyingOn } from '../action-order.ts';
import { wordsFor } from '../action-words.ts';
import { type Findings, finding, own, repeated, warning } from '../finding.ts';
import { ancestors, findCycle } from '../graph.ts';
import type { Path } from '../problem.ts';
import { ACTIONS, type Action, type Phase, type Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** Each happens exactly once in a scenario. */
const ONCE: readonly Action[] = ['assess', 'approve', 'verify'];

/** Everything about the phases of one scenario, at `path` of the plan. */
export function* checkPhases(phases: readonly Phase[], components: Plan['components'], path: Path): Findings {
  for (const { index, key } of repeated(phases, ({ name }) => name)) {
    yield finding([...path, index, 'name'], `there is a phase "${key}" already`, 'give each phase its own name');
  }
  for (const [index, phase] of phases.entries()) {
    yield* checkPhaseComponents(phase, components, [...path, index]);
    yield* checkPhase(phase, [...path, index]);
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

function* checkPhaseComponents(
  { action, components: used }: Phase,
  components: Plan['components'],
  path: Path,
): Findings {
  const kinds: readonly string[] = ACTIONS[action];
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

function* checkPhase({ name, action, budget, pointOfNoReturn }: Phase, path: Path): Findings {
  if (action === 'approve' && budget !== undefined) {
    const hint = 'take it out; "gate.expires" says how long the gate waits';
    yield finding([...path, 'budget'], 'a gate has no budget: the time of people is counted apart', hint);
  }
  if (action !== 'approve' && budget === undefined) {
    yield finding([...path, 'budget'], `phase "${name}" has no budget`, 'say how long it should take, such as "60s"');
  }
  if (action === 'promote-database' && !pointOfNoReturn) {
    const message = 'promote-database must be a point of no return: undoing it discards the writes made since';
    yield finding([...path, 'pointOfNoReturn'], message, 'add "pointOfNoReturn: true"');
  }
  if (action !== 'promote-database' && pointOfNoReturn) {
    const message = `${action} can be undone without losing data: only promote-database is a point of no return`;
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
  for (const action of ONCE) {
    const having = phases.flatMap((phase, index) => (phase.action === action ? [{ ...phase, index }] : []));
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

function* checkOrder(phases: readonly Phase[], path: Path): Findings {
  const named = (action: Action) => phases.filter((phase) => phase.action === action).map(({ name }) => name);
  const [approve] = named('approve');
  for (const [index, { name, action }] of phases.entries()) {
    const before = ancestors(phases, name);
    const at = [...path, index, 'needs'];
    const lacking = (names: readonly string[]) => names.filter((other) => other !== name && !before.has(other));
    if (!ONCE.includes(action) && approve !== undefined && !before.has(approve)) {
      yield finding(at, `"${name}" changes the system and does not wait for the approval`, `let it need "${approve}"`);
    }
    if (action === 'approve' && lacking(named('assess')).length > 0) {
      yield finding(at, 'people would decide before the facts are known', `let it need "${named('assess')[0]}"`);
    }
    for (const other of lacking(relyingOn({ action }, phases).map((phase) => phase.name))) {
      yield finding(at, `"${name}" must come after "${other}": ${AFTER[action]?.why}`, `let it need "${other}"`);
    }
    if (action !== 'verify') continue;
    const unverified = lacking(phases.map((phase) => phase.name));
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
function sameKindOfChange(one: Action, other: Action): boolean {
  const undo = wordsFor(one).undo.verb;
  return one === other || (undo !== null && undo === wordsFor(other).undo.verb);
}
