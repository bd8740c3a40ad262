import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import pc from 'picocolors';
import { type Lab, up } from '../lab.ts';
import { addresses } from './addresses.ts';
import { DRILLS, drillNamed, playDrill } from './drills/index.ts';
import { createScreen, type Screen } from './screen.ts';
import { showResult } from './summary.ts';

/** `npm run gameday`: disasters for real, in a lab under load, and what Lifeboat makes of them. */

interface Options {
  name: string;
  yes?: boolean;
  keep?: boolean;
  json?: string;
  synchronous?: boolean;
}

async function gameday(name: string, options: Options): Promise<boolean> {
  const drill = drillNamed(name);
  const screen = createScreen();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
  }
  const lab = await bringUp(options, screen, interrupted.signal);
  try {
    const drilled = await playDrill(lab, drill, { screen, signal: interrupted.signal, yes: options.yes ?? false });
    if (options.json) await writeFile(options.json, `${JSON.stringify(drilled.report, null, 2)}\n`);
    return showResult(screen, drill, drilled);
  } finally {
    if (options.keep && !interrupted.signal.aborted) screen.say(addresses(lab));
    else await lab.down();
  }
}

async function bringUp({ name, synchronous = false }: Options, screen: Screen, signal: AbortSignal): Promise<Lab> {
  screen.title(`Lab: two regions and a third place, PostgreSQL ${synchronous ? 'synchronous' : 'asynchronous'}`);
  return await up({
    name,
    synchronous,
    signal,
    onProgress: ({ name: part, state, seconds }) => {
      if (state === 'ready') screen.note(`${part} is up after ${seconds.toFixed(1)} s`);
    },
  });
}

function list(): void {
  const longest = Math.max(...DRILLS.map(({ name }) => name.length));
  for (const { name, title } of DRILLS) console.log(`${name.padEnd(longest)}  ${title}`);
}

const program = new Command('gameday')
  .description('Breaks a lab under load and shows the recovery as it happens.')
  .argument('[drill]', 'which disaster; "list" names them all', DRILLS[0]?.name)
  .option('--name <name>', 'which lab', 'gameday')
  .option('--yes', 'approve at once, without asking')
  .option('--keep', 'leave the lab running afterwards, and print its addresses')
  .option('--json <file>', 'write report.json here')
  .option('--synchronous', 'PostgreSQL acknowledges a write only when the standby has it')
  .action(async (drill: string, options: Options) => {
    if (drill === 'list') return list();
    process.exitCode = (await gameday(drill, options)) ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${pc.red('error')}  ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
