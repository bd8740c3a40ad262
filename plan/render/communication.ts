import type { Channel } from '../channels.ts';
import type { Communication, Level } from '../communication.ts';
import type { Environment, Plan } from '../schema.ts';
import { bullets, code, listed, table } from './markdown.ts';

/** Who is told of a recovery, by when, and in which words. */
export function whoIsTold({ communication, authority }: Plan): string {
  const { levels, outsiders, commander } = communication;
  const notes = [
    commander === undefined ? null : `${commander} commands, and is named in every message.`,
    `Gates, pauses and escalations reach ${listed(authority.escalate)} as they happen.`,
    outsiders.length === 0
      ? null
      : `${listed(outsiders)} are outside: they hear of start, news and end, and nothing of what is inside.`,
    'A message that cannot be delivered is tried again, is recorded as late or failed, and never holds a recovery up.',
  ].filter((note) => note !== null);
  return [
    '## Who is told',
    bullets(notes),
    ...levels.flatMap(levelSection),
    ...(levels.length === 0 ? [] : ['### Messages', templates(communication)]),
  ].join('\n\n');
}

function levelSection({ name, title, severity, scenarios, rules = [], ...level }: Level): string[] {
  const named = [...scenarios, ...rules.map((rule) => `rule ${rule}`)];
  const of = named.length === 0 ? 'all that has no level of its own' : listed(named.map(code));
  return [
    `### Level ${code(name)}: ${title}`,
    `For ${of}; severity ${severity}.`,
    table(
      ['When', 'Who', 'How soon'],
      told(level).map(({ when, roles, soon }) => [when, listed(roles), soon]),
    ),
  ];
}

interface Row {
  when: string;
  roles: string[];
  soon: string;
}

/** What a level has people told, row by row, in words. */
export function told({ start, updates, end }: Pick<Level, 'start' | 'updates' | 'end'>): Row[] {
  return [
    ...start.map(({ roles, within }) => ({ when: 'it starts', roles, soon: `within ${within}` })),
    ...updates.map(({ roles, every }) => ({ when: 'it goes on', roles, soon: `every ${every}` })),
    ...end.map(({ roles, within }) => ({ when: 'it has ended', roles, soon: `within ${within}` })),
  ];
}

function templates({ templates: { inside, outside }, outsiders }: Communication): string {
  const shown = outsiders.length === 0 ? [inside] : [inside, outside];
  return shown.map(({ subject, text }) => ['```text', subject, '', text.trimEnd(), '```'].join('\n')).join('\n\n');
}

/** The channels of each environment. */
export function channelsOf(environments: readonly Environment[]): string {
  const rows = environments.flatMap(({ environment, notifications }) =>
    notifications.map((channel) => [
      environment,
      channel.name,
      where(channel),
      listed(channel.roles),
      channel.severities === undefined ? 'all' : listed(channel.severities),
    ]),
  );
  return ['### Channels', table(['Environment', 'Channel', 'By', 'Reaches', 'Severities'], rows)].join('\n\n');
}

function where(channel: Channel): string {
  switch (channel.provider) {
    case 'slack':
      return `Slack${channel.channel === undefined ? '' : ` ${channel.channel}`}`;
    case 'pagerduty':
      return 'PagerDuty';
    case 'email':
      return `e-mail to ${listed(channel.to)}`;
    case 'statuspage':
      return `status page ${channel.page}`;
    case 'webhook':
      return 'webhook';
  }
}
