import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { commits } from './commits.ts';
import { crash } from './crash.ts';
import { type Figure, isMet, load, type Part, table } from './figures.ts';
import { fleet } from './fleet.ts';
import { patroni } from './patroni.ts';
import { recovery } from './recovery.ts';
import { storm } from './storm.ts';

/** `npm run bench -- <part>`: figures of this machine, measured with real processes on loopback. */

/** In the order in which they are run when none is named. */
const PARTS: readonly Part<never>[] = [recovery, crash, storm, fleet, patroni, commits];

const program = new Command('bench')
  .description('Measures Lifeboat on this machine: the named part, or all of them one after the other.')
  .option('--json <file>', 'write the figures here as well')
  .action(() => measure(commands));

const commands = PARTS.map((part) => {
  const command = program.command(part.name).description(part.description);
  for (const [flags, description, preset] of part.options) command.option(flags, description, preset);
  command.action(() => measure([{ part, command }]));
  return { part, command };
});

/** Runs parts one after the other; one that fails keeps no other from being measured. */
async function measure(parts: typeof commands): Promise<void> {
  const figures: Figure[] = [];
  let failed = false;
  for (const { part, command } of parts) {
    try {
      figures.push(...(await part.run(command.opts() as never)));
    } catch (error) {
      failed = true;
      console.error(`${part.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
  }
  if (figures.length > 0) await show(figures);
  if (failed || figures.some((figure) => isMet(figure) === false)) process.exitCode = 1;
}

async function show(figures: readonly Figure[]): Promise<void> {
  console.log(`\n${table(figures)}\n\nload of the machine now: ${load()}`);
  const { json } = program.opts<{ json?: string }>();
  const machine = { cpus: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), load: load() };
  if (json) await writeFile(json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}

await program.parseAsync();
