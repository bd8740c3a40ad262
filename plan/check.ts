import { checkAuthority } from './checks/authority.ts';
import { checkAuthorityNotices, checkChannels, checkCommunication, checkOutsiders } from './checks/communication.ts';
import { checkComponents, checkUnused } from './checks/components.ts';
import { checkDecisionOverrides, checkDecisions } from './checks/decisions.ts';
import { checkPeople } from './checks/people.ts';
import { checkPhases } from './checks/phases.ts';
import { checkPlace } from './checks/place.ts';
import { checkPolicy } from './checks/policy.ts';
import {
  checkCriticalPath,
  checkExpiry,
  checkGate,
  checkRollback,
  checkScenarioActions,
  checkTimeToLive,
} from './checks/scenario.ts';
import { findDoubtfulNames } from './checks/secrets.ts';
import {
  checkLiveDatabase,
  checkServiceName,
  checkWiredComponents,
  checkWiring,
  providerOf,
  type Wired,
} from './checks/wiring.ts';
import { type Findings, own } from './finding.ts';
import { conform, type Draft, type Loaded } from './load.ts';
import { inReadingOrder, type Problem } from './problem.ts';
import type { Environment, Plan, ScenarioName } from './schema.ts';
import type { Source } from './source.ts';
import { type Wiring, wiringSchema } from './wiring/index.ts';

const located = (findings: Findings, source: Source): Problem[] =>
  [...findings].map(({ path, message, hint, severity }) => source.problem(path, message, hint, severity));

function* findInPlan(plan: Plan): Findings {
  yield* checkPolicy(plan);
  yield* checkComponents(plan);
  yield* checkUnused(plan);
  yield* checkAuthority(plan.authority, ['authority']);
  yield* checkDecisions(plan);
  yield* checkAuthorityNotices(plan.authority, ['authority']);
  yield* checkCommunication(plan, ['communication']);
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    const path = ['scenarios', name];
    yield* checkPhases(scenario.phases, plan.components, [...path, 'phases']);
    yield* checkScenarioActions(name as ScenarioName, scenario, plan.components, [...path, 'phases']);
    yield* checkCriticalPath(name, scenario, plan.objectives.recoveryTime, [...path, 'phases']);
    yield* checkGate(scenario, [...path, 'gate']);
    yield* checkRollback(scenario, plan, [...path, 'rollback']);
  }
}

/** What the schema of plans cannot see, all at once, in reading order. */
export function checkPlan({ value, source }: Draft<Plan>): Problem[] {
  return inReadingOrder(located(findInPlan(value), source));
}

/** Wiring against the schemas of the plan's providers. */
function fitWiring(plan: Plan, { value, source }: Draft<Environment>): { wired: Wired; problems: Problem[] } {
  const regions = [plan.regions.primary, plan.regions.standby];
  const wired = new Map();
  const problems: Problem[] = [];
  for (const [name, data] of Object.entries(value.components)) {
    const provider = providerOf(own(plan.components, name));
    if (provider === undefined) continue;
    const fitted = conform(wiringSchema(provider, regions), data, source, ['components', name]);
    if (fitted.problems !== undefined) problems.push(...fitted.problems);
    else wired.set(name, { provider, wiring: fitted.value as Wiring });
  }
  return { wired, problems };
}

function* findInEnvironment(plan: Plan, { value, source }: Draft<Environment>, wired: Wired): Findings {
  const { overrides } = value;
  yield* checkPlace(plan, value, source.file);
  yield* checkWiredComponents(plan, value);
  yield* checkWiring(plan, wired);
  yield* checkServiceName(value, wired);
  yield* checkLiveDatabase(value, wired);
  yield* checkPeople(value, overrides.authority ?? plan.authority);
  yield* checkDecisionOverrides(plan, value);
  yield* checkChannels(plan, value);
  yield* checkOverridden(plan, overrides);
  if (overrides.gateExpires !== undefined) yield* checkExpiry(overrides.gateExpires, ['overrides', 'gateExpires']);
  const recoveryTime = overrides.objectives?.recoveryTime;
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    yield* checkTimeToLive(scenario, wired);
    if (recoveryTime === undefined || scenario.objectives?.recoveryTime !== undefined) continue;
    yield* checkCriticalPath(name, scenario, recoveryTime, ['overrides', 'objectives', 'recoveryTime']);
  }
}

/** What an environment puts in the place of the plan's has to be as good. */
function* checkOverridden(plan: Plan, { authority, communication }: Environment['overrides']): Findings {
  const path = ['overrides', 'authority'];
  if (authority !== undefined) {
    yield* checkAuthority(authority, path);
    yield* checkAuthorityNotices(authority, path);
  }
  if (communication !== undefined) {
    const policy = { ...plan, communication, authority: authority ?? plan.authority };
    yield* checkCommunication(policy, ['overrides', 'communication']);
  } else if (authority !== undefined) {
    yield* checkOutsiders(plan.communication, authority, () => path);
  }
}

/** What the schema of environments cannot see: whether it fits this plan. All at once, in reading order. */
export function checkEnvironment({ value: plan }: Draft<Plan>, environment: Draft<Environment>): Problem[] {
  const { wired, problems } = fitWiring(plan, environment);
  const found = located(findInEnvironment(plan, environment, wired), environment.source);
  return inReadingOrder([...problems, ...found, ...findDoubtfulNames(environment.source)]);
}

/** Everything wrong with a loaded plan: what loading found, and what only cross-checks see. */
export function planProblems(plan: Loaded<Plan>): Problem[] {
  const draft = draftOf(plan);
  return inReadingOrder([...(plan.problems ?? []), ...(draft === undefined ? [] : checkPlan(draft))]);
}

/** Everything wrong with a loaded environment; whether it fits cannot be said of a plan that cannot be read. */
export function environmentProblems(plan: Loaded<Plan>, environment: Loaded<Environment>): Problem[] {
  const [of, draft] = [draftOf(plan), draftOf(environment)];
  const fits = of === undefined || draft === undefined ? [] : checkEnvironment(of, draft);
  return inReadingOrder([...(environment.problems ?? []), ...fits]);
}

const draftOf = <T>(loaded: Loaded<T>): Draft<T> | undefined => (loaded.problems === undefined ? loaded : loaded.draft);
