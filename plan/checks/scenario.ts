import { seconds } from '../duration.ts';
import { type Findings, finding } from '../finding.ts';
import { criticalPath } from '../graph.ts';
import type { Path } from '../problem.ts';
import type { Action, Plan, Scenario } from '../schema.ts';
import { recordsOf, type Wired } from './wiring.ts';

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

type Phases = Scenario['phases'];

/** Actions of planned moves, in which both regions take part: while a region is lost they cannot be done. */
const PLANNED: readonly Action[] = [
  'rebuild-standby',
  'hand-over-database',
  'rebuild-old-primary',
  'rejoin-analytics',
  'mirror-stream',
  'mirror-stream-back',
  'stand-down-workloads',
];

/** A planned move hands databases over and never fences them; a failover can do nothing in the region that is lost. */
export function* checkScenarioActions(name: string, { phases }: Scenario, path: Path): Findings {
  if (name !== 'region-failover') {
    yield* checkHandOvers(name, phases, path);
    return;
  }
  for (const [index, { action }] of phases.entries()) {
    if (!PLANNED.includes(action)) continue;
    const message = `${action} needs the region that is lost`;
    yield finding([...path, index, 'action'], message, 'leave it to the scenarios switchover and failback');
  }
}

/** What is promoted was handed over, and what is handed over is promoted: else writes are lost, or taken nowhere. */
function* checkHandOvers(name: string, phases: Phases, path: Path): Findings {
  const named = (wanted: Action) => phases.flatMap(({ action, components }) => (action === wanted ? components : []));
  const partners: Partial<Record<Action, { has: string[]; lacks: string; hint: string }>> = {
    'promote-database': {
      has: named('hand-over-database'),
      lacks: `is promoted and was not handed over: ${name} must lose nothing`,
      hint: 'add a phase with the action hand-over-database before it',
    },
    'hand-over-database': {
      has: named('promote-database'),
      lacks: 'is handed over and never promoted: nothing would take writes',
      hint: 'add a phase with the action promote-database after it',
    },
  };
  for (const [index, { action, components }] of phases.entries()) {
    const partner = partners[action];
    if (partner === undefined) continue;
    for (const component of components.filter((each) => !partner.has.includes(each))) {
      yield finding([...path, index, 'components'], `"${component}" ${partner.lacks}`, partner.hint);
    }
  }
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
