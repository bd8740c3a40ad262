#!/usr/bin/env node
import { Command } from 'commander';
import pkg from '../../package.json' with { type: 'json' };
import { alertCommand } from './alert.ts';
import { authorityCommand } from './authority.ts';
import { decisionCommands } from './decisions.ts';
import { exitCodeOf } from './exit.ts';
import { incidentDecisionCommands } from './incident-decisions.ts';
import { incidentCommand, incidentsCommand } from './incidents.ts';
import { planCommand } from './plan.ts';
import { reportCommand } from './report.ts';
import { runbookCommand } from './runbook.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';

const AFTER_HELP = `
Temporal is found by its standard environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…,
or a profile of temporal.toml (TEMPORAL_PROFILE).

Exit codes: 0 done or accepted, 1 refused or failed, 2 wrong usage, 3 Temporal or a worker does not answer,
4 nothing is running.`;

function lifeboat(): Command {
  const program = new Command('lifeboat')
    .description('Recovers systems from disasters: starts, steers and reports recoveries.')
    .version(pkg.version)
    .addHelpText('after', AFTER_HELP);
  const commands = [
    startCommand(),
    statusCommand(),
    ...decisionCommands(),
    reportCommand(),
    runbookCommand(),
    incidentsCommand(),
    incidentCommand(),
    ...incidentDecisionCommands(),
    alertCommand(),
    authorityCommand(),
    planCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return throwInsteadOfExit(program);
}

/** So that every way out goes through `exitCodeOf`. */
function throwInsteadOfExit(command: Command): Command {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExit(sub);
  return command;
}

try {
  await lifeboat().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, process.argv.includes('--json'));
}
