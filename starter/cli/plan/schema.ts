import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { environmentJsonSchema, planJsonSchema, schemaText } from '../../../plan/json-schema.ts';
import type { Problem } from '../../../plan/problem.ts';
import { shownFile } from '../../load-plan.ts';
import { print } from '../output.ts';
import { conclude, type Findings } from './problems.ts';
import { inSync } from './sync.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'plan', 'schema');
const SCHEMAS = { plan: planJsonSchema, environment: environmentJsonSchema };
type SchemaName = keyof typeof SCHEMAS;
const NAMES = Object.keys(SCHEMAS) as SchemaName[];

interface SchemaOptions {
  write?: boolean;
  check?: boolean;
  json?: boolean;
}

export function schemaCommand(): Command {
  return new Command('schema')
    .description('JSON Schemas for editors: of plan.yaml, and of environments/*.yaml')
    .addArgument(new Argument('[name]', 'which one to print').choices(NAMES).default('plan'))
    .option('--write', 'write both into plan/schema/')
    .option('--check', 'write nothing; fail when they are out of date')
    .option('--json', 'print JSON on stdout, and nothing else there')
    .action(async (name: SchemaName, options: SchemaOptions) => {
      if (options.write) conclude(await writeSchemas(), options);
      else if (options.check) conclude(await checkSchemas(), options);
      else print(schemaText(SCHEMAS[name]()));
    });
}

const fileOf = (name: SchemaName) => join(FOLDER, `${name}.json`);

async function writeSchemas(): Promise<Findings> {
  for (const name of NAMES) await writeFile(fileOf(name), schemaText(SCHEMAS[name]()));
  return { good: NAMES.map((name) => shownFile(fileOf(name))), problems: [] };
}

/** Are the schemas of editors what the language of plans says? */
export async function checkSchemas(): Promise<Findings> {
  const good: string[] = [];
  const problems: Problem[] = [];
  for (const name of NAMES) {
    const actual = await readFile(fileOf(name), 'utf8').catch(() => null);
    const found = inSync(
      shownFile(fileOf(name)),
      actual,
      schemaText(SCHEMAS[name]()),
      'npx lifeboat plan schema --write',
    );
    problems.push(...found);
    if (found.length === 0) good.push(shownFile(fileOf(name)));
  }
  return { good, problems };
}
