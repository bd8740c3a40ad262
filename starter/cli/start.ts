import { userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import { Command, Option } from 'commander';
import type { Direction } from '../../plan/direction.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { usualDirection } from '../../plan/scenario.ts';
import { ScenarioName } from '../../plan/schema.ts';
import type { RecoveryInput } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { loadRecoveryPlan } from '../load-plan.ts';
import { fetchDirection, startRecovery } from '../recoveries.ts';
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
      "region that fails, or is left (default: the one that serves since the last recovery; of a failback, the plan's standby)",
    )
    .option('--to <region>', 'region that takes over (default: the other one)')
    .option('--reason <text>', 'why, for the report')
    .addOption(new Option('--as <identity>', 'who starts it, for the report').env('LIFEBOAT_IDENTITY'));
  return withCommonOptions(command).action(start);
}

async function start(name: string, options: StartOptions): Promise<void> {
  const system = checkSystem(name);
  const plan = await loadRecoveryPlan({ system, environment: options.environment });
  checkWish(plan, options);
  const detectedAt = new Date().toISOString();
  const started = await withClient(async (client) => {
    const { scenario, timeout } = options;
    const regions = await regionsOf(client, plan, options);
    const input: RecoveryInput = { plan, scenario, ...regions, detectedAt, trigger: triggerOf(options) };
    return await startRecovery(client, input, timeout);
  });
  if (options.json) return printJson(started);
  print(`started ${started.workflowId}, run ${started.runId}`);
  print(`next: npx lifeboat status ${system} --watch`);
}

/** Before anybody is asked anything. */
function checkWish({ regions, scenarios, system }: RecoveryPlan, { from, to, scenario }: StartOptions): void {
  const known = [regions.primary, regions.standby];
  if ([from, to].some((name) => name !== undefined && !known.includes(name)) || (from !== undefined && from === to)) {
    throw new StarterError('usage', `--from and --to must be the two regions of ${system}: ${known.join(', ')}`);
  }
  if (!scenarios[scenario]) throw new StarterError('usage', `the plan of ${system} has no scenario ${scenario}`);
}

async function regionsOf(client: Client, plan: RecoveryPlan, options: StartOptions): Promise<Direction> {
  const { primary, standby } = plan.regions;
  const other = (region: string) => (region === primary ? standby : primary);
  if (options.from !== undefined) return { from: options.from, to: other(options.from) };
  if (options.to !== undefined) return { from: other(options.to), to: options.to };
  return usualDirection(plan, options.scenario, await fetchDirection(client, plan, options.timeout));
}

function triggerOf({ as, reason }: StartOptions): string {
  const who = as ?? userInfo().username;
  return reason ? `${who}: ${reason}` : who;
}
