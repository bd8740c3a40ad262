import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { usualDirection } from '../../plan/scenario.ts';
import { ScenarioName } from '../../plan/schema.ts';
import type { RecoveryInput } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { loadRecoveryPlan } from '../load-plan.ts';
import { startRecovery } from '../recoveries.ts';
import { checkSystem } from '../systems.ts';
import { type CommonOptions, withClient, withCommonOptions } from './common.ts';
import { print, printJson } from './output.ts';

interface StartOptions extends CommonOptions {
  environment: string;
  scenario: ScenarioName;
  from?: string;
  to?: string;
  reason?: string;
  as?: string;
}

export function startCommand(): Command {
  const command = new Command('start')
    .description('start a recovery by hand; it asks for approval like any other')
    .argument('<system>', 'a folder of runbooks/')
    .addOption(
      new Option('-e, --environment <name>', 'wiring to use').env('LIFEBOAT_ENVIRONMENT').makeOptionMandatory(),
    )
    .addOption(
      new Option('--scenario <name>', 'what has happened').choices(ScenarioName.options).default('region-failover'),
    )
    .option(
      '--from <region>',
      "region that fails, or is left (default: the plan's primary; of a failback, its standby)",
    )
    .option('--to <region>', "region that takes over (default: the plan's standby)")
    .option('--reason <text>', 'why, for the report')
    .addOption(new Option('--as <identity>', 'who starts it, for the report').env('LIFEBOAT_IDENTITY'));
  return withCommonOptions(command).action(start);
}

async function start(name: string, options: StartOptions): Promise<void> {
  const system = checkSystem(name);
  const plan = await loadRecoveryPlan({ system, environment: options.environment });
  const input: RecoveryInput = {
    plan,
    scenario: options.scenario,
    ...regionsOf(plan, options),
    detectedAt: new Date().toISOString(),
    trigger: triggerOf(options),
  };
  const started = await withClient((client) => startRecovery(client, input, options.timeout));
  if (options.json) return printJson(started);
  print(`started ${started.workflowId}, run ${started.runId}`);
  print(`next: npx lifeboat status ${system} --watch`);
}

function regionsOf(plan: RecoveryPlan, options: StartOptions): { from: string; to: string } {
  const { regions, scenarios, system } = plan;
  const known = [regions.primary, regions.standby];
  const others = { [regions.primary]: regions.standby, [regions.standby]: regions.primary };
  const from = options.from ?? others[options.to ?? ''] ?? usualDirection(plan, options.scenario).from;
  const to = options.to ?? (from === regions.primary ? regions.standby : regions.primary);
  if (!known.includes(from) || !known.includes(to) || from === to) {
    throw new StarterError('usage', `--from and --to must be the two regions of ${system}: ${known.join(', ')}`);
  }
  if (!scenarios[options.scenario]) {
    throw new StarterError('usage', `the plan of ${system} has no scenario ${options.scenario}`);
  }
  return { from, to };
}

function triggerOf({ as, reason }: StartOptions): string {
  const who = as ?? userInfo().username;
  return reason ? `${who}: ${reason}` : who;
}
