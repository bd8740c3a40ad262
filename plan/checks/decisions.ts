import { changes } from '../decide/verdict.ts';
import { seconds } from '../duration.ts';
import { type Findings, finding, own, repeated } from '../finding.ts';
import type { Path } from '../problem.ts';
import {
  type Condition,
  type DecisionRule,
  type Decisions,
  type Environment,
  type Plan,
  SHARED_KINDS,
} from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** Conditions that measure, and what their rules must say. */
const MEASURES: Partial<Record<Condition, 'over' | 'overPercent'>> = {
  'replication-lag': 'over',
  'backup-age': 'over',
  'customer-errors': 'overPercent',
};

const OF_COMPONENTS: readonly Condition[] = ['component-failing', 'part-failing'];

const PATIENT = ['wait', 'self-heal'];

/** The matrix can decide: every rule has what its condition needs and can be reached by one look or the next. */
export function* checkDecisions({ decisions, components }: Plan): Findings {
  const { rules, flapping, lookEvery } = decisions;
  const path = ['decisions', 'rules'];
  for (const { index, key } of repeated(rules, ({ name }) => name)) {
    yield finding([...path, index, 'name'], `there is a rule "${key}" already`, 'give each rule its own name');
  }
  for (const [index, rule] of rules.entries()) {
    yield* checkMeasure(rule, [...path, index]);
    yield* checkRuleComponents(rule, components, [...path, index]);
    yield* checkAction(rule, [...path, index]);
  }
  yield* checkLooks(lookEvery, ['decisions', 'lookEvery']);
  if (seconds(flapping.within) > 0) return;
  yield finding(['decisions', 'flapping', 'within'], 'nothing changes in no time', 'expected a time such as "10m"');
}

function* checkMeasure({ when, over, overPercent }: DecisionRule, path: Path): Findings {
  const needed = MEASURES[when];
  for (const [key, value] of Object.entries({ over, overPercent })) {
    if (key === needed && value === undefined) {
      yield finding([...path, key], `${when} needs to know above what`, `add "${key}"`);
    }
    if (key !== needed && value !== undefined) {
      yield finding([...path, key], `${when} measures nothing that "${key}" could limit`, 'take it out');
    }
  }
}

function* checkRuleComponents(rule: DecisionRule, components: Plan['components'], path: Path): Findings {
  const names = Object.keys(components);
  for (const [index, name] of rule.components.entries()) {
    const at = [...path, 'components', index];
    const kind = own(components, name)?.kind;
    if (kind === undefined) yield finding(at, `there is no component "${name}"`, suggestion(name, names));
    else if (!OF_COMPONENTS.includes(rule.when)) {
      yield finding(at, `${rule.when} is about the whole system`, 'take the components out');
    } else if (kind === 'database') {
      yield finding(at, 'a database is judged by "database-failing"', 'take it out');
    } else if (SHARED_KINDS.includes(kind) && changes(rule.action)) {
      yield finding(at, `both regions share "${name}", which leaves nothing to fail over to`, 'use "ask-human"');
    }
  }
}

/** A component can be failed over only where the condition names one, and waiting has an end only where it waits. */
function* checkAction({ when, action, atMost, withoutApproval }: DecisionRule, path: Path): Findings {
  if (action === 'component-failover' && when !== 'component-failing') {
    const message = `${when} names no component that could be failed over`;
    yield finding([...path, 'action'], message, 'use it with "when: component-failing"');
  }
  if (PATIENT.includes(action) && atMost === undefined) {
    yield finding(
      [...path, 'atMost'],
      `${action} without an end would never ask people`,
      'add "atMost", such as "10m"',
    );
  }
  if (!PATIENT.includes(action) && atMost !== undefined) {
    yield finding([...path, 'atMost'], `${action} does not wait`, 'take it out');
  }
  if (withoutApproval && action !== 'region-failover') {
    const message = `${action} never starts without approval`;
    yield finding([...path, 'withoutApproval'], message, 'only region-failover may');
  }
}

/** Looks further apart could not show that something held all the time. */
const LOOK_AT_MOST_SECONDS = 60;

function* checkLooks(lookEvery: string, path: Path): Findings {
  const every = seconds(lookEvery);
  if (every > 0 && every <= LOOK_AT_MOST_SECONDS) return;
  yield finding(
    path,
    `a look every ${lookEvery} shows nothing of the time between`,
    'expected more than 0s, at most 60s',
  );
}

/** What an environment changes of the matrix is there to be changed. */
export function* checkDecisionOverrides({ decisions, regions }: Plan, environment: Environment): Findings {
  const names = decisions.rules.map(({ name }) => name);
  const { overrides, startWithoutApproval, maintenance } = environment;
  const changed = Object.keys(overrides.decisions?.rules ?? {});
  for (const name of changed.filter((each) => !names.includes(each))) {
    yield unknownRule(['overrides', 'decisions', 'rules', name], name, names);
  }
  if (overrides.decisions?.lookEvery !== undefined) {
    yield* checkLooks(overrides.decisions.lookEvery, ['overrides', 'decisions', 'lookEvery']);
  }
  for (const [index, name] of startWithoutApproval.entries()) {
    yield* checkStart(name, decisions, ['startWithoutApproval', index]);
  }
  for (const [index, { region, from, until }] of maintenance.entries()) {
    const known = [regions.primary, regions.standby];
    if (!known.includes(region)) {
      yield finding(['maintenance', index, 'region'], `the plan has no region "${region}"`, suggestion(region, known));
    }
    if (Date.parse(from) < Date.parse(until)) continue;
    yield finding(['maintenance', index, 'until'], 'maintenance ends before it begins', `expected after ${from}`);
  }
}

function* checkStart(name: string, { rules }: Decisions, path: Path): Findings {
  const rule = rules.find((each) => each.name === name);
  if (rule === undefined) {
    yield unknownRule(
      path,
      name,
      rules.map((each) => each.name),
    );
  } else if (!rule.withoutApproval) {
    yield finding(path, `the plan does not let "${name}" start without approval`, 'take it out, or ask the plan owner');
  }
}

const unknownRule = (path: Path, name: string, names: string[]) =>
  finding(path, `the plan has no decision rule "${name}"`, suggestion(name, names));
