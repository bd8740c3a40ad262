import { Command } from 'commander';
import { environmentProblems, planProblems } from '../../../plan/check.ts';
import { errorsOf, type Problem } from '../../../plan/problem.ts';
import { readEnvironment, readPlan, shownFile } from '../../load-plan.ts';
import { environmentFile, planFile } from '../../runbook-files.ts';
import { environmentsOf, type PlanOptions, systemsOf, withPlanOptions } from './folder.ts';
import { conclude, type Findings } from './problems.ts';

interface ValidateOptions extends PlanOptions {
  environment?: string;
  strict?: boolean;
}

export function validateCommand(): Command {
  const command = new Command('validate')
    .description('check plans and their environments; every problem at once, with its line')
    .argument('[systems...]', 'all systems when left out')
    .option('-e, --environment <name>', 'this environment only')
    .option('--strict', 'let warnings fail, too');
  return withPlanOptions(command).action(async (systems: string[], options: ValidateOptions) =>
    conclude(await validate(systems, options), options),
  );
}

/** Checks the named systems, or all, with the process's environment variables. */
export async function validate(systems: readonly string[], options: ValidateOptions): Promise<Findings> {
  const found = await Promise.all(systemsOf(options, systems).map((system) => validateSystem(system, options)));
  return { good: found.flatMap(({ good }) => good), problems: found.flatMap(({ problems }) => problems) };
}

async function validateSystem(system: string, options: ValidateOptions): Promise<Findings> {
  const folder = options.runbooks;
  const plan = await readPlan(folder, system);
  const findings: Findings = { good: [], problems: [] };
  const add = (file: string, problems: Problem[]) => {
    findings.problems.push(...problems);
    if (errorsOf(problems).length === 0) findings.good.push(shownFile(file));
  };
  add(planFile(folder, system), planProblems(plan));
  for (const environment of environmentsOf(options, system, options.environment)) {
    const wired = await readEnvironment({ folder, system, environment }, process.env);
    add(environmentFile(folder, system, environment), environmentProblems(plan, wired));
  }
  return findings;
}
