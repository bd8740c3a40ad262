import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { planProblems } from '../../../plan/check.ts';
import { errorsOf } from '../../../plan/problem.ts';
import { renderRunbook } from '../../../plan/render.ts';
import type { Environment } from '../../../plan/schema.ts';
import { PlanProblems, readEnvironment, readPlan, shownFile } from '../../load-plan.ts';
import { environmentsOf, type PlanOptions, systemsOf, withPlanOptions } from './folder.ts';
import { conclude, type Findings } from './problems.ts';
import { inSync } from './sync.ts';

interface RenderOptions extends PlanOptions {
  check?: boolean;
}

export function renderCommand(): Command {
  const command = new Command('render')
    .description('write RUNBOOK.md of each system from its plan')
    .argument('[systems...]', 'all systems when left out')
    .option('--check', 'write nothing; fail when a runbook is not what the plan says');
  return withPlanOptions(command).action(async (systems: string[], options: RenderOptions) =>
    conclude(await render(systems, options), options),
  );
}

/** Writes the runbooks, or with `check` says which are out of date. */
export async function render(systems: readonly string[], options: RenderOptions): Promise<Findings> {
  const findings: Findings = { good: [], problems: [] };
  for (const system of systemsOf(options, systems)) {
    const file = join(options.runbooks, system, 'RUNBOOK.md');
    try {
      const text = await runbookOf(system, options);
      if (options.check) findings.problems.push(...(await stale(file, text)));
      else await writeFile(file, text);
      if (!findings.problems.some((problem) => problem.file === shownFile(file))) findings.good.push(shownFile(file));
    } catch (error) {
      if (!(error instanceof PlanProblems)) throw error;
      findings.problems.push(...error.problems);
    }
  }
  return findings;
}

async function stale(file: string, text: string) {
  const actual = await readFile(file, 'utf8').catch(() => null);
  return inSync(shownFile(file), actual, text, 'npx lifeboat plan render');
}

/** The runbook says the same on every machine, so variables of this one are left out of it. */
async function runbookOf(system: string, options: PlanOptions): Promise<string> {
  const folder = options.runbooks;
  const plan = await readPlan(folder, system);
  const problems = errorsOf(planProblems(plan));
  if (plan.problems !== undefined || problems.length > 0) throw new PlanProblems(problems);
  const environments: Environment[] = [];
  for (const environment of environmentsOf(options, system)) {
    const wired = await readEnvironment({ folder, system, environment }, {});
    if (wired.problems !== undefined) throw new PlanProblems(wired.problems);
    environments.push(wired.value);
  }
  return renderRunbook(plan.value, environments);
}
