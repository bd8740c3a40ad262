import { type Findings, finding, own, repeated } from '../finding.ts';
import { ancestors, findCycle } from '../graph.ts';
import type { Path } from '../problem.ts';
import { ACTIONS, type Action, type Phase, type Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** Each happens exactly once in a scenario. */
const ONCE: readonly Action[] = ['assess', 'approve', 'verify'];

/** What must be done before an action, if the scenario does it at all: clients must never meet half a region. */
const AFTER: Partial<Record<Action, { actions: readonly Action[]; why: string }>> = {
  'hand-over-database': {
    actions: ['rebuild-standby', 'mirror-stream', 'scale-workloads'],
    why: 'clients wait from then on, so whatever can be done before is done before',
  },
  'promote-database': { actions: ['hand-over-database'], why: 'what was written until then would be lost' },
  'promote-stream': { actions: ['hand-over-database', 'mirror-stream'], why: 'the mirror may lack what came last' },
  'rebuild-old-primary': { actions: ['promote-database'], why: 'there is no new primary to follow before' },
  'mirror-stream-back': { actions: ['promote-stream'], why: 'there is no new source to mirror before' },
  'stand-down-workloads': { actions: ['cut-over-dns'], why: 'clients still come to the region before' },
  'repoint-workloads': { actions: ['promote-database'], why: 'there is no new primary to point at before' },
  'rebuild-cache': { actions: ['promote-database'], why: 'the standby may lack writes that the primary has' },
  'cut-over-dns': {
    actions: ['promote-database', 'scale-workloads', 'repoint-workloads', 'register-targets'],
    why: 'clients would come to a region that cannot serve them',
  },
  'invalidate-cdn': { actions: ['cut-over-dns'], why: 'the CDN would fetch from the old region again' },
};

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
  else if (needsAreKnown(phases)) yield* checkOrder(phases, path);
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
    const rule = AFTER[action];
    for (const other of lacking(rule?.actions.flatMap(named) ?? [])) {
      yield finding(at, `"${name}" must come after "${other}": ${rule?.why}`, `let it need "${other}"`);
    }
    if (action !== 'verify') continue;
    const unverified = lacking(phases.map((phase) => phase.name));
    if (unverified.length === 0) continue;
    yield finding(at, `verification must come last; it does not wait for ${unverified.join(', ')}`, 'let it need them');
  }
}
