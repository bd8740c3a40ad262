import { Command, Option } from 'commander';
import { ScenarioName } from '../../plan/schema.ts';
import { signFor } from '../decide.ts';
import { chooseDecision, type IncidentWish, incidentStatement, openIncident, sendToIncident } from '../incidents.ts';
import { fetchApprovers } from '../recoveries.ts';
import { checkSystem } from '../systems.ts';
import { withClient } from './common.ts';
import { askBefore } from './confirm.ts';
import { printEnvelope, printVerdict, type SigningOptions, withSigningOptions } from './decisions.ts';

interface IncidentDecisionOptions extends SigningOptions {
  reason: string;
  scenario?: string;
}

/** `acknowledge` and `override`: what people say to an incident. */
export function incidentDecisionCommands(): Command[] {
  const acknowledge = new Command('acknowledge').description(
    'acknowledge the last recovery and re-enable automatic recoveries (signed)',
  );
  const override = new Command('override')
    .description('start a scenario whatever the decision matrix says; it still asks for approval (signed)')
    .addOption(new Option('--scenario <name>', 'which, when there are several').choices(ScenarioName.options));
  return [complete(acknowledge, 'acknowledge'), complete(override, 'override')];
}

function complete(command: Command, verb: IncidentWish['verb']): Command {
  command.argument('<system>').requiredOption('--reason <text>', "why, for the incident's record");
  return withSigningOptions(command).action((system: string, options: IncidentDecisionOptions) =>
    run(verb, system, options),
  );
}

async function run(verb: IncidentWish['verb'], name: string, options: IncidentDecisionOptions): Promise<void> {
  const system = checkSystem(name);
  const wish: IncidentWish = { verb, reason: options.reason, scenario: options.scenario };
  await withClient(async (client) => {
    const status = await openIncident(client, system, options.timeout);
    const approvers = await fetchApprovers(client, { system, workflowId: status.workflowId }, options.timeout);
    const { action } = chooseDecision(status, wish);
    const head = `${system}, ${status.environment} (${status.mode}): ${status.summary}`;
    await askBefore([head, status.verdict?.reason ?? ''], `${action}? [y/N] `, { yes: options.yes ?? false });
    const signer = { keyFile: options.key, identity: options.as, expiresMs: options.expires };
    const prepared = await signFor(approvers, signer, (draft) => incidentStatement(status, wish, draft));
    if (options.print) return printEnvelope(prepared);
    printVerdict(prepared, await sendToIncident(client, prepared, options.timeout), options);
  });
}
