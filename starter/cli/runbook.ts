import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { fetchRunbook, planInForce } from '../break-glass.ts';
import { checkSystem } from '../systems.ts';
import { type CommonOptions, withCommonOptions } from './common.ts';
import { print, printJson, tell } from './output.ts';

interface RunbookOptions extends CommonOptions {
  environment?: string;
  output?: string;
}

export function runbookCommand(): Command {
  const command = new Command('runbook')
    .description('what remains to be done by hand, when Temporal is gone; reads object storage alone')
    .argument('<system>', 'a folder of runbooks/')
    .addOption(
      new Option('-e, --environment <name>', 'wiring to use (default: the one that is live)').env(
        'LIFEBOAT_ENVIRONMENT',
      ),
    )
    .option('-o, --output <file>', 'write to a file');
  return withCommonOptions(command).action(runbook);
}

async function runbook(name: string, options: RunbookOptions): Promise<void> {
  const system = checkSystem(name);
  const plan = await planInForce(system, options.environment);
  const found = await fetchRunbook(plan, options.timeout);
  tell(`${found.location}, ${found.state} as of ${found.asOf}, ${found.ageSeconds} s ago`);
  if (options.output) await writeFile(options.output, found.text);
  if (options.json) return printJson(found);
  if (options.output) return tell(`wrote ${options.output}`);
  print(found.text);
}
