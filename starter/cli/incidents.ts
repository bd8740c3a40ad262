import { Command } from 'commander';
import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import { openIncident } from '../incidents.ts';
import { fetchIncident } from '../recoveries.ts';
import { renderIncident, renderIncidentWhole } from '../screen/incident.ts';
import { checkSystem, knownSystems } from '../systems.ts';
import { type CommonOptions, withClient, withCommonOptions } from './common.ts';
import { colorOn, print, printJson } from './output.ts';

/** `incidents`: every open one, in a few lines each. */
export function incidentsCommand(): Command {
  return withCommonOptions(new Command('incidents').description('the open incidents of all systems')).action(list);
}

/** `incident show`: one of them, whole. */
export function incidentCommand(): Command {
  const show = new Command('show')
    .description('what fires, what was seen, what is decided, and what may be said to it')
    .argument('<system>');
  return new Command('incident').description('one open incident').addCommand(withCommonOptions(show).action(showOne));
}

async function list(options: CommonOptions): Promise<void> {
  const open = await withClient(async (client) => {
    const found: IncidentStatus[] = [];
    for (const system of knownSystems()) {
      const incident = await fetchIncident(client, system, options.timeout);
      if (incident !== null) found.push(incident);
    }
    return found;
  });
  if (options.json) return printJson(open);
  if (open.length === 0) return print('no incident is open');
  print(open.map((incident) => renderIncident(incident, screen())).join('\n'));
  print(`\nnext\n${open.map(({ system }) => `  npx lifeboat incident show ${system}`).join('\n')}`);
}

const screen = () => ({ color: colorOn(process.stdout), now: new Date() });

async function showOne(name: string, options: CommonOptions): Promise<void> {
  const system = checkSystem(name);
  const incident = await withClient((client) => openIncident(client, system, options.timeout));
  if (options.json) return printJson(incident);
  print(renderIncidentWhole(incident, screen()));
}
