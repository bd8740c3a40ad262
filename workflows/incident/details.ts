import { leftOutText } from '../../plan/match-alert.ts';
import type { Incident } from './state.ts';

/** How many alerts the Temporal UI shows; the status has more. */
const ROWS = 10;

/** What the Temporal UI shows at the top of an incident, in Markdown, for somebody woken at 3 a.m. */
export function details(incident: Incident): string {
  const { plan, book, memory } = incident;
  const { verdict } = memory;
  const blocked = incident.blockedUntilMs();
  const rows = book
    .list()
    .slice(0, ROWS)
    .map(({ status, name, startsAt }) => `- ${status}: ${name}, since ${startsAt}`);
  return [
    `**${plan.system}: ${memory.summary}**`,
    '',
    ...(verdict === null ? [] : [`Decision: **${verdict.action}** (rule \`${verdict.rule}\`): ${verdict.reason}`, '']),
    ...(verdict?.until == null ? [] : [`Waiting until ${verdict.until} at the latest.`, '']),
    ...(blocked === null ? [] : [`No recovery starts by itself before ${new Date(blocked).toISOString()}.`, '']),
    `Alerts: ${book.firing} firing, ${book.size - book.firing} resolved${leftOutText(memory.leftOut)}.`,
    ...rows,
  ].join('\n');
}
