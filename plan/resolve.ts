import { digest } from './digest.ts';
import { seconds } from './duration.ts';
import { own } from './finding.ts';
import type { DecisionRules, RecoveryPlan, WiredComponent } from './recovery-plan.ts';
import type { Environment, Plan, Scenario } from './schema.ts';
import { type ProviderName, type Wiring, wiringSchema } from './wiring/index.ts';

function wire(plan: Plan, environment: Environment): Record<string, WiredComponent> {
  const regions = [plan.regions.primary, plan.regions.standby];
  return Object.fromEntries(
    Object.entries(plan.components).map(([name, component]) => {
      const schema = wiringSchema(component.provider as ProviderName, regions);
      const wiring = schema.parse(environment.components[name]) as Wiring;
      return [name, { ...component, name, wiring }];
    }),
  );
}

function overrideScenario(scenario: Scenario, { watch, gateExpires }: Environment['overrides']): Scenario {
  const gate = { ...scenario.gate, expires: gateExpires ?? scenario.gate.expires };
  return { ...scenario, gate, watch: watch ?? scenario.watch };
}

/** The matrix with the environment's durations. Starting without approval takes the word of both files. */
function resolveDecisions({ decisions }: Plan, environment: Environment): DecisionRules {
  const { overrides, startWithoutApproval, maintenance } = environment;
  const { rules: changes = {}, lookEvery, unknownFor, blockFor } = overrides.decisions ?? {};
  const rules = decisions.rules.map((rule) => {
    const withoutApproval = rule.withoutApproval && startWithoutApproval.includes(rule.name);
    const change = own(changes, rule.name);
    return { ...rule, ...change, for: change?.for ?? rule.for, withoutApproval };
  });
  return {
    ...decisions,
    lookEvery: lookEvery ?? decisions.lookEvery,
    unknownFor: unknownFor ?? decisions.unknownFor,
    blockFor: blockFor ?? decisions.blockFor,
    rules,
    maintenance,
  };
}

/**
 * Puts a plan and one of its environments together, overrides applied, and hashes the result. Both must have passed
 * `checkEnvironment`: what does not fit throws here.
 */
export function resolveRecoveryPlan(plan: Plan, environment: Environment): RecoveryPlan {
  const { overrides } = environment;
  const objectives = overrides.objectives ?? plan.objectives;
  const scenarios = Object.entries(plan.scenarios).map(([name, scenario]) => [
    name,
    overrideScenario(scenario, overrides),
  ]);
  const resolved: Omit<RecoveryPlan, 'hash'> = {
    system: plan.system,
    title: plan.title,
    environment: environment.environment,
    mode: environment.mode,
    regions: plan.regions,
    regionWorkers: environment.regionWorkers ?? plan.system,
    objectives: {
      recoveryTimeSeconds: seconds(objectives.recoveryTime),
      dataLossSeconds: seconds(objectives.dataLoss),
    },
    tiers: plan.objectives.tiers,
    components: wire(plan, environment),
    services: plan.services,
    service: environment.service,
    scenarios: Object.fromEntries(scenarios),
    authority: overrides.authority ?? plan.authority,
    approvers: environment.approvers,
    notifications: environment.notifications,
    communication: overrides.communication ?? plan.communication,
    evidence: { ...environment.evidence, ...plan.evidence },
    alerts: plan.alerts,
    decisions: resolveDecisions(plan, environment),
  };
  const plain = JSON.parse(JSON.stringify(resolved)) as typeof resolved;
  return { ...plain, hash: digest(plain) };
}
