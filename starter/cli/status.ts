import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import type { Report } from '../../plan/report.ts';
import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { fetchIncident, fetchReport, fetchStatus } from '../recoveries.ts';
import { renderIncident } from '../screen/incident.ts';
import { renderStatus } from '../screen/status.ts';
import { checkSystem, knownSystems } from '../systems.ts';
import { approversOf } from './approvers.ts';
import { type CommonOptions, withClient, withCommonOptions } from './common.ts';
import { colorOn, print, printJson, tell } from './output.ts';
import { watch } from './watch.ts';

interface StatusOptions extends CommonOptions {
  watch?: boolean;
}

interface Seen {
  system: string;
  /** The recovery that runs, or the last one. */
  recovery: RecoveryStatus | null;
  /** The open incident. */
  incident: IncidentStatus | null;
  /** The last recovery's, when it has ended and no worker is there to answer for it. */
  report?: Report;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .description('where a recovery stands, who must decide, and what to type next')
    .argument('[system]', 'all systems when left out')
    .option('-w, --watch', 'follow it until it ends; exit 0 only if the system recovered');
  return withCommonOptions(command).action(status);
}

async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  const systems = name ? [checkSystem(name)] : knownSystems();
  const [first] = systems;
  if (options.watch) {
    if (!first || systems.length > 1) throw new StarterError('usage', `which system? ${systems.join(' | ')}`);
    await withClient((client) => watch(client, first, options));
    return;
  }
  await withClient(async (client) => {
    const seen: Seen[] = [];
    for (const system of systems) seen.push(await look(client, system, options.timeout));
    if (options.json) printJson(name ? seen[0] : seen);
    else for (const each of seen) await show(client, each, options.timeout);
    if (name) failIfNothing(seen[0] as Seen);
  });
}

async function look(client: Client, system: string, timeoutMs: number): Promise<Seen> {
  try {
    return await ask(client, system, timeoutMs);
  } catch (error) {
    if (!(error instanceof StarterError) || error.kind !== 'no-worker') throw error;
    const report = await fetchReport(client, system, undefined, timeoutMs).catch(() => null);
    if (!report) throw error;
    tell(`lifeboat: ${error.message}`);
    return { system, recovery: null, incident: null, report };
  }
}

async function ask(client: Client, system: string, timeoutMs: number): Promise<Seen> {
  const recovery = await fetchStatus(client, system, timeoutMs).catch(nullIfNothing);
  const incident = await fetchIncident(client, system, timeoutMs);
  return { system, recovery, incident };
}

function nullIfNothing(error: unknown): null {
  if (error instanceof StarterError && error.kind === 'nothing-running') return null;
  throw error;
}

function failIfNothing({ system, recovery, incident, report }: Seen): void {
  if (recovery || incident || report) return;
  throw new StarterError(
    'nothing-running',
    `no recovery of ${system} has run; start one with "npx lifeboat start ${system} --environment …"`,
  );
}

async function show(client: Client, { system, recovery, incident, report }: Seen, timeoutMs: number): Promise<void> {
  if (incident) print(renderIncident(incident, { color: colorOn(process.stdout), now: new Date() }));
  if (report)
    return print(
      `${system}: the last recovery ended as ${report.outcome}: ${report.reason}\nnext\n  npx lifeboat report ${system}`,
    );
  if (!recovery) return incident ? undefined : print(`${system}: no recovery has run, no incident is open`);
  const approvers = await approversOf(client, recovery, timeoutMs);
  print(renderStatus(recovery, { color: colorOn(process.stdout), now: new Date(), approvers }));
}
