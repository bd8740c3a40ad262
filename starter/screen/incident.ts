import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import { clock } from '../format.ts';
import { factLines } from './status.ts';

/** An open incident, in a few lines. */
export function renderIncident(incident: IncidentStatus): string {
  const firing = incident.alerts.filter(({ status }) => status === 'firing');
  const lines = [
    `incident of ${incident.system}, open since ${incident.openedAt}: ${incident.summary}`,
    ...firing.map(({ name, startsAt, summary }) => `  ${name} since ${clock(startsAt)} UTC  ${summary}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** All of it: what fires, what was seen, what is decided, and what people may say. */
export function renderIncidentWhole(incident: IncidentStatus): string {
  const { verdict, facts, counts, blockedUntil, recoveries, decisions, approvals, timeline, system } = incident;
  const blocks = [
    [renderIncident(incident).trimEnd(), `  alerts   ${counts.firing} firing, ${counts.resolved} resolved`],
    verdict === null ? [] : [`decision ${verdict.action}, by rule ${verdict.rule}`, `  ${verdict.reason}`],
    facts === null ? [] : ['facts', ...factLines(facts).map((line) => `  ${line}`)],
    recoveries.map(({ id, endedAt, outcome, reason }) => `recovery ${id} ended ${outcome} at ${endedAt}: ${reason}`),
    blockedUntil === null ? [] : [`none starts by itself before ${blockedUntil}`],
    approvals.map(
      ({ at, verb, identity, detail }) => `${clock(at)}  ${verb} by ${identity ?? 'nobody known'}: ${detail}`,
    ),
    timeline.slice(-LAST_EVENTS).map(({ at, text }) => `${clock(at)}  ${text}`),
    decisions.map(({ verb, action }) => `npx lifeboat ${verb} ${system} --reason "…"   # ${action}`),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** How many of the last events are shown. */
const LAST_EVENTS = 10;
