import { Command, Option } from 'commander';
import { secretsFromFolder } from '../../activities/secrets.ts';
import { StarterError } from '../errors.ts';
import { readPlan } from '../load-plan.ts';
import { RUNBOOKS } from '../runbook-files.ts';
import { checkSystem } from '../systems.ts';
import { alertBody, postAlert } from '../test-alert.ts';
import { type CommonOptions, withCommonOptions } from './common.ts';
import { print, printJson } from './output.ts';

interface AlertOptions extends CommonOptions {
  name?: string;
  resolved?: boolean;
  summary: string;
  gateway: string;
  secrets?: string;
}

/** `alert send`: a test alert, by the way that real ones come. */
export function alertCommand(): Command {
  const command = new Command('send')
    .description(
      'sends a test alert. It opens a real incident, and a recovery starts if the observed facts call for it',
    )
    .argument('<system>')
    .option('--name <alertname>', "one that the plan takes (default: its first alert rule's)")
    .option('--resolved', 'say that it is over')
    .option('--summary <text>', 'for people', 'a test alert, sent by hand')
    .addOption(
      new Option('--gateway <url>', 'where the gateway is')
        .env('LIFEBOAT_GATEWAY_URL')
        .default('http://127.0.0.1:8088'),
    )
    .addOption(new Option('--secrets <folder>', 'where gateway/token is').env('LIFEBOAT_SECRETS_DIR'));
  return new Command('alert').description('test alerts').addCommand(withCommonOptions(command).action(send));
}

async function send(name: string, options: AlertOptions): Promise<void> {
  const system = checkSystem(name);
  const plan = await readPlan(RUNBOOKS, system);
  if (plan.problems !== undefined) throw new StarterError('usage', `the plan of ${system} cannot be read`);
  const { alerts: rules } = plan.value;
  const { resolved = false, summary } = options;
  const body = alertBody({ system, rules, name: options.name, resolved, summary, now: new Date() });
  const handed = await postAlert(options.gateway, await tokenFrom(options.secrets), body, options.timeout);
  if (options.json) return printJson(handed);
  print(handed.accepted > 0 ? `taken; next: npx lifeboat incident show ${system}` : 'the incident has it already');
}

/** The first token of the gateway's own secret. */
async function tokenFrom(folder: string | undefined): Promise<string> {
  if (folder === undefined)
    throw new StarterError('usage', 'name the folder of secrets: --secrets, LIFEBOAT_SECRETS_DIR');
  const text = await secretsFromFolder(folder)
    .get('gateway/token')
    .catch((cause) => {
      throw new StarterError('usage', (cause as Error).message, cause);
    });
  return text.trim().split(/\s+/)[0] ?? '';
}
