import { commanderOf, type Level, levelOfRule, nextUpdateFor, restOf } from '../../plan/communication.ts';
import { leftOutText } from '../../plan/match-alert.ts';
import type { News } from '../../plan/message.ts';
import type { Stage } from '../../plan/report.ts';
import { type Incident, whoIsAsked } from './state.ts';

/** What can be said of an incident just now to people of these roles. */
export function newsOf(
  incident: Incident,
  roles: readonly string[],
  { headline, message }: Pick<News, 'headline' | 'message'>,
): News {
  const { plan, memory } = incident;
  const level = levelOf(incident);
  return {
    system: plan.system,
    title: plan.title,
    environment: plan.environment,
    mode: plan.mode,
    level: level.name,
    severity: level.severity,
    stage: stageOf(incident),
    headline,
    message,
    known: known(incident),
    doing: doing(incident),
    nextUpdate: nextUpdate(incident, level, roles),
    commander: commanderOf(plan),
    startedAt: memory.openedAt,
  };
}

/** The level of what is put to people; that of all without a level of its own where no level names the rule. */
function levelOf({ plan: { communication }, memory: { matter } }: Incident): Level {
  return (matter === null ? null : levelOfRule(communication, matter.rule)) ?? restOf(communication);
}

function stageOf(incident: Incident): Stage {
  if (incident.over()) return 'resolved';
  return incident.memory.current === null ? 'investigating' : 'identified';
}

function known({ book, memory: { verdict, leftOut } }: Incident): string {
  const alerts = `${book.firing} alerts fire, ${book.size - book.firing} are resolved${leftOutText(leftOut)}`;
  return verdict === null ? alerts : `${verdict.reason}; ${alerts}`;
}

function doing(incident: Incident): string {
  const { verdict, asked, current, summary } = incident.memory;
  if (current !== null || verdict?.action !== 'ask-human' || asked === null) return summary;
  const roles = whoIsAsked(incident);
  return `none automatic; waiting for a decision from ${roles.join(' and ')}`;
}

function nextUpdate(incident: Incident, level: Level, roles: readonly string[]): string | null {
  const { matter } = incident.memory;
  if (matter === null || incident.over()) return null;
  const nextMs = nextUpdateFor(level, roles, Date.parse(matter.since), Date.now());
  return nextMs === null ? null : new Date(nextMs).toISOString();
}
