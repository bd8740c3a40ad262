import { z } from 'zod';
import { Severity } from './channels.ts';
import { Duration, milliseconds } from './duration.ts';
import { Name } from './names.ts';
import type { Approver } from './schema.ts';

/**
 * Who is told what, and by when: the `communication` of a plan. A level says how bad the scenarios are that it is for,
 * whom their start and end must reach within which time, and how often there is news in between. Times count from the
 * start, or the end, of the recovery.
 */

const Told = z.strictObject({ roles: z.array(Name).min(1), within: Duration });
const Cadence = z.strictObject({ roles: z.array(Name).min(1), every: Duration });

const Level = z.strictObject({
  name: Name,
  title: z.string(),
  severity: Severity,
  /** The scenarios of this level; one without any, and without rules, is for all that no other level names. */
  scenarios: z.array(Name).default([]),
  /** The decision rules of this level: what an incident tells people by them, before or without a recovery. */
  rules: z.array(Name).optional(),
  start: z.array(Told).default([]),
  updates: z.array(Cadence).default([]),
  end: z.array(Told).default([]),
});
export type Level = z.infer<typeof Level>;

/** What a message says; `{placeholders}` are in `plan/message.ts`. */
const Template = z.strictObject({ subject: z.string().min(1), text: z.string().min(1) });
export type Template = z.infer<typeof Template>;

const INSIDE: Template = {
  subject: '[{level}] {headline}',
  text: [
    '{message}',
    '',
    'Known: {known}',
    'Action: {doing}',
    'Next update: {nextUpdate}',
    'Commander: {commander}',
    'More: npx lifeboat status {system}',
  ].join('\n'),
};

const OUTSIDE: Template = {
  subject: '{title}: {state}',
  text: '{outlook}\nNext update: {nextUpdate}',
};

export const Communication = z.strictObject({
  /** The role that leads a recovery and is named in every message to insiders. */
  commander: Name.optional(),
  /** Roles outside of the company. They are told of start, news and end in the outside template, and nothing else. */
  outsiders: z.array(Name).default([]),
  levels: z.array(Level).default([]),
  templates: z
    .strictObject({ inside: Template.default(INSIDE), outside: Template.default(OUTSIDE) })
    .default({ inside: INSIDE, outside: OUTSIDE }),
});
export type Communication = z.infer<typeof Communication>;

/** For plans without levels: nobody is told beyond what gates, pauses and the end ask for. */
const NO_LEVEL: Level = {
  name: 'incident',
  title: 'Incident',
  severity: 'critical',
  scenarios: [],
  start: [],
  updates: [],
  end: [],
};

type Levels = Pick<Communication, 'levels'>;

/** The level of a scenario. */
export function levelOf({ levels }: Levels, scenario: string): Level {
  return levels.find(({ scenarios }) => scenarios.includes(scenario)) ?? restOf({ levels });
}

/** The level of what a decision rule says, where one names it; null else. */
export function levelOfRule({ levels }: Levels, rule: string): Level | null {
  return levels.find(({ rules = [] }) => rules.includes(rule)) ?? null;
}

/** Is it the level for all that no other names? */
export const isRest = ({ scenarios, rules = [] }: Level): boolean => scenarios.length === 0 && rules.length === 0;

/** The level for all that no other names. */
export const restOf = ({ levels }: Levels): Level => levels.find(isRest) ?? NO_LEVEL;

/** Roles inside and outside of the company. */
export function audiences({ outsiders }: Pick<Communication, 'outsiders'>, roles: readonly string[]) {
  return {
    inside: roles.filter((role) => !outsiders.includes(role)),
    outside: roles.filter((role) => outsiders.includes(role)),
  };
}

/** Every role that a level names. */
export function rolesOf({ start, updates, end }: Level): string[] {
  return [...new Set([...start, ...updates, ...end].flatMap(({ roles }) => roles))];
}

/** When the next update is due, in milliseconds since 1970: updates come at whole multiples of `everyMs`. */
export function nextUpdateMs(startedAtMs: number, everyMs: number, nowMs: number): number {
  return startedAtMs + (Math.floor((nowMs - startedAtMs) / everyMs) + 1) * everyMs;
}

/** When people of these roles hear of it again, in milliseconds since 1970; null when no update is planned for them. */
export function nextUpdateFor(
  { updates }: Pick<Level, 'updates'>,
  roles: readonly string[],
  startedAtMs: number,
  nowMs: number,
): number | null {
  const theirs = updates.filter((each) => each.roles.some((role) => roles.includes(role)));
  if (theirs.length === 0) return null;
  return Math.min(...theirs.map(({ every }) => nextUpdateMs(startedAtMs, milliseconds(every), nowMs)));
}

/** Who leads, in the words of messages: the role, and who holds it. */
export function commanderOf({
  communication,
  approvers,
}: {
  communication: Communication;
  approvers: Approver[];
}): string {
  const { commander } = communication;
  if (commander === undefined) return 'nobody is named';
  const people = approvers.filter(({ roles }) => roles.includes(commander)).map(({ identity }) => identity);
  return `${commander} (${people.join(', ')})`;
}
