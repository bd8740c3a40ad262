import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import pc from 'picocolors';
import { type Played, playRows } from './play-rows.ts';
import type { Row } from './row.ts';
import { ROWS, rowNamed, rowsOfPlan } from './rows/index.ts';
import { createScreen } from './screen.ts';
import { showTable } from './table.ts';

/** `npm run gameday`: disasters for real, in a lab under load, and what Lifeboat makes of them. */

interface Options {
  name: string;
  row?: string[];
  plan?: string;
  all?: boolean;
  yes?: boolean;
  keep?: boolean;
  json?: string;
  synchronous?: boolean;
}

async function gameday(rows: readonly Row[], options: Options): Promise<boolean> {
  const screen = createScreen();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
  }
  const { name, yes = false, keep = false, synchronous = false } = options;
  const played = await playRows(rows, { name, yes, keep, synchronous, screen, signal: interrupted.signal });
  if (options.json) await writeFile(options.json, `${JSON.stringify(inFile(played), null, 2)}\n`);
  if (rows.length > 1) showTable(screen, played);
  return played.length === rows.length && played.every(({ passed }) => passed);
}

/** The report of a single row; of several, a list of what each led to. */
function inFile(played: readonly Played[]): unknown {
  const [only] = played;
  if (played.length === 1) return only?.result?.report ?? null;
  return played.map(({ row, passed, seconds, error, result }) => ({
    ...{ row: row.name, plan: row.plan, shape: row.shape, passed, seconds, error },
    checks: result?.checks ?? [],
    report: result?.report ?? null,
  }));
}

function selected(name: string | undefined, { row = [], plan, all }: Options): readonly Row[] {
  const ways = [name !== undefined || row.length > 0, plan !== undefined, all === true].filter(Boolean).length;
  if (ways > 1) throw new Error('choose one of: rows by name, --plan, --all');
  if (all) return ROWS;
  if (plan !== undefined) return rowsOfPlan(plan);
  const names = name === undefined ? row : [name, ...row];
  return names.length > 0 ? names.map(rowNamed) : [ROWS[0]];
}

function list(): void {
  const widest = (values: string[]) => Math.max(...values.map((value) => value.length));
  const [names, plans, shapes] = [
    widest(ROWS.map(({ name }) => name)),
    widest(ROWS.map(({ plan }) => plan)),
    widest(ROWS.map(({ shape }) => shape)),
  ];
  for (const { name, plan, shape, title } of ROWS) {
    console.log(`${name.padEnd(names)}  ${plan.padEnd(plans)}  ${shape.padEnd(shapes)}  ${title}`);
  }
}

const program = new Command('gameday')
  .description('Breaks a lab under load and shows the recovery as it happens.')
  .argument('[row]', `which disaster, "${ROWS[0].name}" by default; "list" names them all`)
  .option('--row <row...>', 'these rows, one after another')
  .option('--plan <system>', 'every row of a plan')
  .option('--all', 'every row')
  .option('--name <name>', 'which lab', 'gameday')
  .option('--yes', 'approve at once, without asking')
  .option('--keep', 'leave the lab running afterwards, and print its addresses')
  .option('--json <file>', 'write report.json here; of several rows, a list')
  .option('--synchronous', 'PostgreSQL acknowledges a write only when the standby has it')
  .action(async (name: string | undefined, options: Options) => {
    if (name === 'list') return list();
    process.exitCode = (await gameday(selected(name, options), options)) ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${pc.red('error')}  ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
