#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import pkg from '../../package.json' with { type: 'json' };
import { COMMANDS, type Entry } from './commands.ts';
import { exitCodeOf } from './exit.ts';

const AFTER_HELP = `
Temporal is found by its standard environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…,
or a profile of temporal.toml (TEMPORAL_PROFILE).

Exit codes: 0 done or accepted, 1 refused or failed, 2 wrong usage, 3 Temporal or a worker does not answer,
4 nothing is running.`;

/** Only the modules of the commands that are named are loaded: `--help` and `status` are quick. */
async function lifeboat(words: readonly string[]): Promise<Command> {
  const program = new Command('lifeboat')
    .description('Recovers systems from disasters: starts, steers and reports recoveries.')
    .version(pkg.version)
    .addHelpText('after', AFTER_HELP);
  for (const entry of COMMANDS) program.addCommand(words.includes(entry.name) ? await entry.load() : named(entry));
  return throwInsteadOfExit(program);
}

/** As the help lists it. */
function named({ name, arguments: taken, description }: Entry): Command {
  const command = new Command(name).description(description);
  return taken === undefined ? command : command.arguments(taken);
}

/** So that every way out goes through `exitCodeOf`. */
function throwInsteadOfExit(command: Command): Command {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExit(sub);
  return command;
}

// Stripping types and compiling is a third of what a command costs. Where the folder cannot be written it does without.
enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'lifeboat'));

try {
  const program = await lifeboat(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, process.argv.includes('--json'));
}
