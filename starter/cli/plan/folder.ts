import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { suggestion } from '../../../plan/suggest.ts';
import { StarterError } from '../../errors.ts';
import { environmentFile, planFile, RUNBOOKS } from '../../runbook-files.ts';

/** Options of every command about plans. */
export interface PlanOptions {
  json?: boolean;
  runbooks: string;
}

export function withPlanOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON on stdout, and nothing else there')
    .addOption(new Option('--runbooks <folder>', 'where plans are, a folder per system').default(RUNBOOKS, 'runbooks'));
}

const names = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** The named systems, or all that have a plan. Unknown ones are wrong usage. */
export function systemsOf({ runbooks }: PlanOptions, asked: readonly string[] = []): string[] {
  const known = names(runbooks).filter((system) => existsSync(planFile(runbooks, system)));
  for (const system of asked) must(known, 'system', system);
  if (known.length === 0) throw new StarterError('usage', `no plans in ${runbooks}: expected <system>/plan.yaml`);
  return asked.length > 0 ? [...new Set(asked)] : known;
}

/** The environments of a system, or the named one. */
export function environmentsOf({ runbooks }: PlanOptions, system: string, asked?: string): string[] {
  const folder = dirname(environmentFile(runbooks, system, 'any'));
  const known = names(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.replace(/\.yaml$/, '')] : []));
  if (asked === undefined) return known;
  must(known, `environment of ${system}`, asked);
  return [asked];
}

function must(known: readonly string[], what: string, name: string): void {
  if (known.includes(name)) return;
  throw new StarterError('usage', `there is no ${what} "${name}": ${suggestion(name, known)}`);
}
