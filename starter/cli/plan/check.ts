import { Command } from 'commander';
import { errorsOf } from '../../../plan/problem.ts';
import { type PlanOptions, withPlanOptions } from './folder.ts';
import { conclude, type Findings } from './problems.ts';
import { render } from './render.ts';
import { checkSchemas } from './schema.ts';
import { validate } from './validate.ts';

export function checkCommand(): Command {
  const command = new Command('check').description(
    'all that CI asks of plans: they are valid, and runbooks and schemas are in sync',
  );
  return withPlanOptions(command).action(async (options: PlanOptions) => conclude(await check(options), options));
}

async function check(options: PlanOptions): Promise<Findings> {
  const valid = await validate([], options);
  const schemas = await checkSchemas();
  // A plan that is not valid has no runbook to be in sync with.
  const runbooks =
    errorsOf(valid.problems).length > 0 ? { good: [], problems: [] } : await render([], { ...options, check: true });
  const all = [valid, schemas, runbooks];
  return { good: all.flatMap(({ good }) => good), problems: all.flatMap(({ problems }) => problems) };
}
