import type { Action, Move } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import { seconds } from '../duration.ts';
import { type Findings, finding, own } from '../finding.ts';
import { criticalPath } from '../graph.ts';
import type { Path } from '../problem.ts';
import { SCENARIO_KINDS } from '../scenario-kinds.ts';
import type { Plan, Scenario, ScenarioName } from '../schema.ts';
import { recordsOf, type Wired } from './wiring.ts';

/** Less than it takes to read the facts and to sign. */
const SHORTEST_GATE_SECONDS = 10;

/** Budgets fit the objective, at `path` of whatever names the objective. */
export function* checkCriticalPath(
  name: string,
  { phases, objectives }: Scenario,
  ofPlan: string,
  path: Path,
): Findings {
  const recoveryTime = objectives?.recoveryTime ?? ofPlan;
  const { names, seconds: longest } = criticalPath(phases);
  if (longest <= seconds(recoveryTime)) return;
  yield finding(
    path,
    `the budgets of ${name} add up to ${longest} s on the critical path; the objective is ${seconds(recoveryTime)} s`,
    `shorten budgets or run more in parallel: ${names.join(' -> ')}`,
  );
}

/** The scenario can do all its actions, and leaves out none that a move of the whole system needs. */
export function* checkScenarioActions(
  name: ScenarioName,
  { phases }: Scenario,
  components: Plan['components'],
  path: Path,
): Findings {
  const { planned, returns } = SCENARIO_KINDS[name];
  for (const [index, { action }] of phases.entries()) {
    const sites = own(ACTIONS, action)?.sites;
    if (sites === undefined || (sites === 'both') === planned) continue;
    const message = planned ? `${action} is for a region that is lost` : `${action} needs the region that is lost`;
    const fitting = Object.entries(SCENARIO_KINDS).filter(([, kind]) => kind.planned !== planned);
    const hint = `leave it to ${fitting.map(([other]) => other).join(' and ')}`;
    yield finding([...path, index, 'action'], message, hint);
  }
  // One that is misspelt would be missed a second time.
  if (phases.some(({ action }) => own(ACTIONS, action) === undefined)) return;
  const moves: Record<Move, boolean> = { move: true, planned, return: returns };
  for (const [action, known] of Object.entries(ACTIONS)) {
    if (known?.needed !== undefined && moves[known.needed.by])
      yield* checkDone(action, known, phases, components, path);
  }
}

/** Every component of an action's kind is in a phase of it. */
function* checkDone(
  action: string,
  { kinds, needed }: Action,
  phases: Scenario['phases'],
  components: Plan['components'],
  path: Path,
): Findings {
  const acting = phases.filter((phase) => phase.action === action);
  // A phase that names none has been told so.
  if (acting.some((phase) => phase.components.length === 0)) return;
  const done = new Set(acting.flatMap((phase) => phase.components));
  for (const [component, { kind }] of Object.entries(components)) {
    if (!kinds.includes(kind) || done.has(component)) continue;
    yield finding(
      path,
      `no phase does ${action} to "${component}": ${needed?.why}`,
      `add a phase with the action ${action}`,
    );
  }
}

/** A gate is open for long enough to be answered. */
export function* checkGate({ gate }: Scenario, path: Path): Findings {
  yield* checkExpiry(gate.expires, [...path, 'expires']);
}

/** A gate's time, at `path` of whatever sets it. */
export function* checkExpiry(expires: string, path: Path): Findings {
  if (seconds(expires) >= SHORTEST_GATE_SECONDS) return;
  yield finding(path, `nobody can approve within ${expires}`, `expected at least ${SHORTEST_GATE_SECONDS}s`);
}

/** Rollback criteria can trigger, and do not trigger on a recovery that meets its objectives. */
export function* checkRollback(
  { rollback, objectives: own }: Scenario,
  { services, objectives }: Plan,
  path: Path,
): Findings {
  const objective = own?.recoveryTime ?? objectives.recoveryTime;
  const critical = services.filter((service) => service.critical).length;
  const { criticalServicesFailing: failing, recoveryTime, customerErrors } = rollback;
  if (failing !== undefined && failing >= critical) {
    yield finding(
      [...path, 'criticalServicesFailing'],
      `more than ${failing} of ${critical} critical services can never fail`,
      critical === 0 ? 'mark services as critical' : `expected at most ${critical - 1}`,
    );
  }
  if (recoveryTime !== undefined && seconds(recoveryTime) <= seconds(objective)) {
    const message = `would undo recoveries that meet the objective of ${objective}`;
    yield finding([...path, 'recoveryTime'], message, 'expected more than the objective, such as twice as long');
  }
  if (customerErrors === 100) {
    yield finding([...path, 'customerErrors'], 'more than 100 % can never fail', 'expected less than 100, such as 5');
  }
}

/** Resolvers may give the old answer for a record's whole time to live: the phase that moves it must have that long. */
export function* checkTimeToLive({ phases }: Scenario, wired: Wired): Findings {
  for (const { name, action, components, budget } of phases) {
    if (action !== 'cut-over-dns' || budget === undefined) continue;
    for (const component of components) yield* checkRecords(name, component, budget, wired);
  }
}

function* checkRecords(phase: string, component: string, budget: string, wired: Wired): Findings {
  const to = wired.get(component);
  const records = to === undefined ? [] : (recordsOf(to) ?? []);
  for (const [index, { ttl }] of records.entries()) {
    if (ttl <= seconds(budget)) continue;
    const message = `clients may hold the old answer for ${ttl} s; phase "${phase}" has ${seconds(budget)} s`;
    const hint = `expected at most ${seconds(budget)}, or a longer budget`;
    yield finding(['components', component, 'shared', 'records', index, 'ttl'], message, hint);
  }
}
