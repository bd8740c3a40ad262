import { Command } from 'commander';
import { checkCommand } from './plan/check.ts';
import { renderCommand } from './plan/render.ts';
import { schemaCommand } from './plan/schema.ts';
import { showCommand } from './plan/show.ts';
import { validateCommand } from './plan/validate.ts';

/** `lifeboat plan …`: everything about plans that needs neither Temporal nor a worker. */
export function planCommand(): Command {
  const plan = new Command('plan').description('validate plans, show what they would do, and write their runbooks');
  const commands = [validateCommand(), showCommand(), renderCommand(), schemaCommand(), checkCommand()];
  for (const command of commands) plan.addCommand(command);
  return plan;
}
