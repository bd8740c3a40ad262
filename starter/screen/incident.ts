import { leftOutText } from '../../plan/match-alert.ts';
import type { NotificationRecord } from '../../plan/report.ts';
import type { IncidentStatus, OpenDecision } from '../../workflows/incident-messages.ts';
import { clock, columns, duration } from '../format.ts';
import { type Paint, painter } from './paint.ts';
import { factLines, type RenderOptions } from './status.ts';

type Screen = Pick<RenderOptions, 'color' | 'now'>;

/** Of alerts that fire, of messages and of events, how many are shown. */
const SHOWN = { alerts: 10, messages: 8, events: 10 };

/** An open incident, in a few lines. */
export function renderIncident(incident: IncidentStatus, screen: Screen): string {
  const paint = painter(screen.color);
  const { now } = screen;
  const { asked } = incident;
  return text([
    [
      titleLine(incident, paint, now),
      incident.summary,
      ...(asked === null ? [] : [`asked of ${askedText(asked, now)}`]),
      ...indented(alertLines(incident, now)),
    ],
  ]);
}

/** All of it, for somebody woken at 3 a.m.: what is decided and why, what was seen, who knows, and what to type next. */
export function renderIncidentWhole(incident: IncidentStatus, screen: Screen): string {
  const paint = painter(screen.color);
  const { now } = screen;
  return text([
    [titleLine(incident, paint, now), ...summaryLines(incident)],
    decisionLines(incident, paint, now),
    titled(paint, alertsTitle(incident), alertLines(incident, now)),
    titled(paint, 'facts', incident.facts === null ? [] : factLines(incident.facts, now)),
    titled(paint, 'recoveries', recoveryLines(incident)),
    titled(paint, 'told', toldLines(incident, paint, now)),
    titled(paint, 'said to it', saidLines(incident)),
    titled(paint, 'last events (UTC)', eventLines(incident)),
    titled(paint, 'next', nextLines(incident)),
  ]);
}

const text = (blocks: string[][]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;

const indented = (lines: string[]): string[] => lines.map((line) => `  ${line}`);

const titled = (paint: Paint, title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : [paint.quiet(title), ...indented(lines)];

const secondsBetween = (from: string, to: Date) => (to.getTime() - Date.parse(from)) / 1000;

function titleLine({ system, environment, mode, openedAt }: IncidentStatus, paint: Paint, now: Date): string {
  const open = `open for ${duration(secondsBetween(openedAt, now))}, since ${openedAt.slice(0, 10)} ${clock(openedAt)} UTC`;
  return `${paint.strong(`incident of ${system}`)}  ${environment} (${mode})  ${open}`;
}

/** The summary, where it says more than the decision does. */
const summaryLines = ({ summary, verdict }: IncidentStatus): string[] =>
  verdict !== null && summary.endsWith(verdict.reason) ? [] : [summary];

/** What the matrix made of the last look. */
function decisionLines({ verdict, blockedUntil, asked }: IncidentStatus, paint: Paint, now: Date): string[] {
  if (verdict === null) return ['decision  none yet: the first look is under way'];
  const { action, rule, reason, until } = verdict;
  const left = until === null ? null : -secondsBetween(until, now);
  return [
    `decision  ${action === 'ask-human' ? paint.bad(action) : paint.strong(action)}, by rule ${rule}`,
    `          ${reason}`,
    ...(left === null || until === null ? [] : [`          until ${clock(until)} UTC, in ${duration(left)}`]),
    ...(asked === null ? [] : [`asked     ${askedText(asked, now)}`]),
    ...(blockedUntil === null ? [] : [`blocked   none starts by itself before ${clock(blockedUntil)} UTC`]),
  ];
}

const askedText = ({ roles, since }: NonNullable<IncidentStatus['asked']>, now: Date): string =>
  `${roles.join(', ')}; unanswered for ${duration(secondsBetween(since, now))}, since ${clock(since)} UTC`;

const alertsTitle = ({ counts }: IncidentStatus) =>
  `alerts: ${counts.firing} firing, ${counts.resolved} resolved${leftOutText(counts.leftOut)}`;

function alertLines({ alerts, counts }: IncidentStatus, now: Date): string[] {
  const firing = alerts.filter(({ status }) => status === 'firing').slice(0, SHOWN.alerts);
  const rows = firing.map(({ name, startsAt, source, summary }) => [
    name,
    `for ${duration(secondsBetween(startsAt, now))}`,
    source,
    summary,
  ]);
  const more = counts.firing - firing.length;
  return [...columns(rows), ...(more > 0 ? [`and ${more} more`] : [])];
}

const recoveryLines = ({ recoveries }: IncidentStatus): string[] =>
  recoveries.map(({ endedAt, outcome, reason, acknowledged }) => {
    return `${clock(endedAt)} UTC  ${outcome}${acknowledged ? ', acknowledged' : ''}: ${reason}`;
  });

/** What was told, and to whom it could not be; then what is still under way. */
function toldLines({ notifications, undelivered }: IncidentStatus, paint: Paint, now: Date): string[] {
  const told = notifications.slice(-SHOWN.messages).map((record) => {
    const bad = record.failed.length > 0 || record.onTime === false;
    return bad ? paint.bad(toldLine(record)) : toldLine(record);
  });
  const open = undelivered.map(({ notice: { roles, subject }, dueAt }) => {
    const due = dueAt === null ? '' : `, ${dueText(secondsBetween(dueAt, now))}`;
    return paint.bad(`not yet   ${roles.join(', ')}${due}: ${subject}`);
  });
  return [...told, ...open];
}

const dueText = (lateSeconds: number) =>
  lateSeconds > 0 ? `late by ${duration(lateSeconds)}` : `due in ${duration(-lateSeconds)}`;

function toldLine({ at, roles, delivered, failed, onTime, subject }: NotificationRecord): string {
  const by = [
    delivered.length > 0 ? `by ${delivered.join(', ')}` : null,
    failed.length > 0 ? `NOT by ${failed.join(', ')}` : null,
    onTime === null ? null : onTime ? 'in time' : 'LATE',
  ].filter((part) => part !== null);
  return `${clock(at)}  ${roles.join(', ')} ${by.join(', ')}: ${subject}`;
}

const saidLines = ({ approvals }: IncidentStatus): string[] =>
  approvals.map(({ at, verb, identity, accepted, detail }) => {
    return `${clock(at)}  ${verb} by ${identity ?? 'nobody known'} ${accepted ? 'accepted' : 'refused'}: ${detail}`;
  });

const eventLines = ({ timeline }: IncidentStatus): string[] =>
  timeline.slice(-SHOWN.events).map(({ at, text: what }) => `${clock(at)}  ${what}`);

/** The exact commands that make sense now, the most likely first. */
function nextLines({ system, decisions, verdict, recovery, outcome }: IncidentStatus): string[] {
  const underWay = recovery !== null && outcome === null;
  const commands = decisions.map((each) => commandFor(system, each));
  if (underWay) commands.unshift([`npx lifeboat status ${system} --watch`, 'a recovery is under way']);
  if (verdict?.action === 'wait' || verdict?.action === 'self-heal') {
    commands.unshift([`npx lifeboat incident show ${system}`, 'look again: it is being watched']);
  }
  return columns(commands.map(([command, why]) => [command, `# ${why}`]));
}

function commandFor(system: string, { verb, action, roles }: OpenDecision): [string, string] {
  const scenario = /^override: (\S+)/.exec(action)?.[1];
  const which = scenario === undefined ? '' : ` --scenario ${scenario}`;
  return [`npx lifeboat ${verb} ${system}${which} --reason "…"`, `${roles.join(' or ')} may ${action}`];
}
