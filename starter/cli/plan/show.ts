import { Command, Option } from 'commander';
import { createColors } from 'picocolors';
import { previewRecovery } from '../../../plan/preview.ts';
import { type Plan, ScenarioName } from '../../../plan/schema.ts';
import { StarterError } from '../../errors.ts';
import { loadPlan, PlanProblems } from '../../load-plan.ts';
import { colorOn, print, printJson } from '../output.ts';
import { environmentsOf, type PlanOptions, systemsOf, withPlanOptions } from './folder.ts';
import { conclude } from './problems.ts';
import { showText } from './show-text.ts';

interface ShowOptions extends PlanOptions {
  environment: string;
  scenario: ScenarioName;
}

export function showCommand(): Command {
  const command = new Command('show')
    .description('what would happen: phases, steps, critical path, gates, fences; nothing is started or probed')
    .argument('<system>')
    .addOption(
      new Option('-e, --environment <name>', 'where it would happen').env('LIFEBOAT_ENVIRONMENT').makeOptionMandatory(),
    )
    .addOption(
      new Option('--scenario <name>', 'what would have happened')
        .choices(ScenarioName.options)
        .default('region-failover'),
    );
  return withPlanOptions(command).action(show);
}

async function show(system: string, options: ShowOptions): Promise<void> {
  systemsOf(options, [system]);
  environmentsOf(options, system, options.environment);
  try {
    const address = { system, environment: options.environment, folder: options.runbooks };
    const { plan, recoveryPlan } = await loadPlan(address);
    const scenario = recoveryPlan.scenarios[options.scenario];
    if (scenario === undefined) throw unplanned(plan, options.scenario);
    const preview = previewRecovery(recoveryPlan, options.scenario, scenario, new Date());
    if (options.json) return printJson({ ...preview, residency: plan.residency });
    print(showText({ ...preview, residency: plan.residency }, createColors(colorOn(process.stdout))));
  } catch (error) {
    if (!(error instanceof PlanProblems)) throw error;
    conclude({ good: [], problems: [...error.problems] }, options);
  }
}

function unplanned({ system, scenarios }: Plan, scenario: string): StarterError {
  const known = Object.keys(scenarios).join(', ');
  return new StarterError('usage', `the plan of ${system} has no scenario ${scenario}; it has ${known}`);
}
