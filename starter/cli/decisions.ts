import { Command, InvalidArgumentError, Option } from 'commander';
import { MAX_VALIDITY_MS } from '../../plan/check-decision.ts';
import type { Verb } from '../../plan/decision.ts';
import type { DecisionVerdict } from '../../workflows/recovery/messages.ts';
import { type Decision, type PreparedDecision, prepare, send } from '../decide.ts';
import { EXIT } from '../exit-codes.ts';
import { duration } from '../format.ts';
import { fetchApprovers, fetchStatus } from '../recoveries.ts';
import { DEFAULT_EXPIRES_MS } from '../statement.ts';
import { checkSystem } from '../systems.ts';
import { type CommonOptions, durationMs, withClient, withCommonOptions } from './common.ts';
import { confirm } from './confirm.ts';
import { print, printJson, tell } from './output.ts';

export interface SigningOptions extends CommonOptions {
  key?: string;
  as?: string;
  expires: number;
  yes?: boolean;
  print?: boolean;
}

interface DecisionOptions extends SigningOptions {
  gate?: string;
  phase?: string;
  reason?: string;
}

const VERBS: { verb: Verb; description: string; target?: 'gate' | 'phase'; needsReason?: boolean }[] = [
  { verb: 'approve', description: 'approve what a gate asks, having seen its facts', target: 'gate' },
  { verb: 'reject', description: 'reject what a gate asks; the recovery ends as refused', target: 'gate' },
  {
    verb: 'retry',
    description: 'try a paused phase again, or verify again at the gate of a rollback',
    target: 'phase',
  },
  { verb: 'skip', description: 'go on without a paused phase', target: 'phase', needsReason: true },
  { verb: 'rollback', description: 'undo what was done, in reverse', needsReason: true },
  { verb: 'abort', description: 'stop the recovery', needsReason: true },
];

/** One command per verb; all sign alike, and send alike. */
export function decisionCommands(): Command[] {
  return VERBS.map(({ verb, description, target, needsReason }) => {
    const command = new Command(verb).description(`${description} (signed)`).argument('<system>');
    if (target) command.option(`--${target} <name>`, `which ${target}, when there are several`);
    if (verb === 'retry') command.option('--gate <name>', 'the gate of a rollback at which to verify again');
    command.addOption(new Option('--reason <text>', 'why, for the report').makeOptionMandatory(needsReason ?? false));
    return withSigningOptions(command).action((system: string, options: DecisionOptions) => run(verb, system, options));
  });
}

const LONGEST = duration(MAX_VALIDITY_MS / 1000);

/** What no recovery would take is not signed: nobody should touch a key for it. */
function validityMs(text: string): number {
  const ms = durationMs(text);
  if (ms > 0 && ms <= MAX_VALIDITY_MS) return ms;
  throw new InvalidArgumentError(`a signature is good for more than 0s and at most ${LONGEST}`);
}

/** Options of every command that signs. */
export function withSigningOptions(command: Command): Command {
  return withCommonOptions(
    command
      .addOption(new Option('--key <file>', 'SSH key that signs; a public one uses the ssh-agent').env('LIFEBOAT_KEY'))
      .addOption(new Option('--as <identity>', 'who signs (default: whose key it is)').env('LIFEBOAT_IDENTITY'))
      .addOption(
        new Option('--expires <duration>', `how long the signature is good for, at most ${LONGEST}`)
          .argParser(validityMs)
          .default(DEFAULT_EXPIRES_MS, '10m'),
      )
      .option('-y, --yes', 'do not ask for confirmation')
      .option('--print', 'print the signed envelope for the Temporal UI or CLI, and send nothing'),
  );
}

async function run(verb: Verb, name: string, options: DecisionOptions): Promise<void> {
  const system = checkSystem(name);
  const decision: Decision = {
    verb,
    target: options.gate ?? options.phase,
    reason: options.reason,
    keyFile: options.key,
    identity: options.as,
    expiresMs: options.expires,
  };
  await withClient(async (client) => {
    const status = await fetchStatus(client, system, options.timeout);
    const approvers = await fetchApprovers(client, status, options.timeout);
    await confirm(status, decision, options);
    const prepared = await prepare(approvers, status, decision);
    if (options.print) return printEnvelope(prepared);
    printVerdict(prepared, await send(client, prepared, options.timeout), options);
  });
}

export function printEnvelope({ statement, signed }: PreparedDecision): void {
  print(JSON.stringify(signed));
  tell(
    `signed by ${statement.identity}, good until ${statement.expiresAt}, not sent; send it as signal "${statement.verb}":`,
  );
  tell(
    `  temporal workflow signal --workflow-id ${statement.workflowId} --run-id ${statement.runId} --name ${statement.verb} --input-file FILE`,
  );
}

export function printVerdict({ statement }: PreparedDecision, verdict: DecisionVerdict, options: CommonOptions): void {
  const { verb, target, identity, workflowId, runId } = statement;
  if (options.json) printJson({ ...verdict, verb, target, identity, workflowId, runId });
  else if (verdict.askedAgain)
    tell(`asked again: ${verdict.detail}. Read the facts: npx lifeboat status ${workflowId.replace('recovery/', '')}`);
  else if (verdict.accepted) print(`accepted: ${verdict.detail}`);
  else tell(`refused: ${verdict.detail}`);
  if (!verdict.accepted || verdict.askedAgain) process.exitCode = EXIT.refused;
}
