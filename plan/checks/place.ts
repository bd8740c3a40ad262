import { type Findings, finding } from '../finding.ts';
import type { Environment, Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** The environment is of this plan, knows its regions, and keeps nothing that must survive where it may be lost. */
export function* checkPlace(plan: Plan, environment: Environment, file: string): Findings {
  const { system, service, evidence, mode } = environment;
  if (system !== plan.system) {
    yield finding(['system'], `is for "${system}"; the plan is of "${plan.system}"`, 'use the same name in both files');
  }
  yield* checkName(environment, file);
  yield* checkServiceRegions(plan, environment);
  if (evidence.region === plan.regions.primary || evidence.region === plan.regions.standby) {
    const message = `evidence would be lost with ${evidence.region}`;
    yield finding(['evidence', 'region'], message, 'keep it in a third region');
  }
  if (mode === 'live' && service.ledger !== undefined) {
    yield finding(['service', 'ledger'], 'a ledger is for drills only', 'take it out, or set "mode: drill"');
  }
}

function* checkName({ environment }: Environment, file: string): Findings {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '');
  if (name === environment) return;
  yield finding(['environment'], `is "${environment}" in a file called "${name}"`, 'use the same name for both');
}

function* checkServiceRegions({ regions }: Plan, { service }: Environment): Findings {
  const expected = [...new Set([regions.primary, regions.standby])];
  for (const region of Object.keys(service.regions)) {
    if (expected.includes(region)) continue;
    yield finding(['service', 'regions', region], `the plan has no region "${region}"`, suggestion(region, expected));
  }
  for (const region of expected) {
    if (Object.hasOwn(service.regions, region)) continue;
    yield finding(['service', 'regions', region], `no address for region "${region}"`, `add "${region}: https://…"`);
  }
}
