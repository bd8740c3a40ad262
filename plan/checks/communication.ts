import { type Channel, channelsFor } from '../channels.ts';
import { type Communication, isRest, type Level, levelOf, rolesOf } from '../communication.ts';
import { OWN_RULES } from '../decide/verdict.ts';
import { milliseconds } from '../duration.ts';
import { type Findings, finding, repeated } from '../finding.ts';
import { type Audience, placeholders, placeholdersIn } from '../message.ts';
import type { Path } from '../problem.ts';
import type { Authority, Environment, Plan } from '../schema.ts';
import { suggestion } from '../suggest.ts';

/** A message takes a few tries to arrive, and nobody reads news that comes every few seconds. */
const SHORTEST_DEADLINE = '30s';
const SHORTEST_CADENCE = '1m';

/** What a communication has to fit. */
type Policy = Pick<Plan, 'communication' | 'scenarios' | 'authority' | 'decisions'>;

/**
 * Every scenario has one level, times can be kept, and nothing from inside is told outside.
 *
 * @param path where the communication stands: in the plan, or in an environment's overrides
 */
export function* checkCommunication(policy: Policy, path: Path): Findings {
  const { communication, authority } = policy;
  const { levels } = communication;
  for (const { index, key } of repeated(levels, ({ name }) => name)) {
    yield finding([...path, 'levels', index, 'name'], `there is a level "${key}" already`, 'rename one');
  }
  yield* checkTopics(policy, [...path, 'levels']);
  for (const [index, level] of levels.entries()) yield* checkTimes(level, [...path, 'levels', index]);
  yield* checkOutsiders(communication, authority, (index) => [...path, 'outsiders', index]);
  for (const audience of ['inside', 'outside'] as const) {
    yield* checkTemplate(communication, audience, [...path, 'templates', audience]);
  }
}

/** Those who must know of an approval can be told in time. */
export function* checkAuthorityNotices({ rules }: Authority, path: Path): Findings {
  for (const [index, { notify }] of rules.entries()) {
    if (notify !== undefined) {
      yield* atLeast(notify.within, SHORTEST_DEADLINE, [...path, 'rules', index, 'notify', 'within']);
    }
  }
}

/** Each scenario and each decision rule is of one level at the most, and no scenario of none. */
function* checkTopics({ communication: { levels }, scenarios, decisions }: Policy, path: Path): Findings {
  const planned = Object.keys(scenarios);
  const rules = [...decisions.rules.map(({ name }) => name), ...OWN_RULES];
  yield* checkNamed(levels, 'scenarios', planned, path);
  yield* checkNamed(levels, 'rules', rules, path);
  const rest = levels.flatMap((level, index) => (isRest(level) ? [index] : []));
  for (const index of rest.slice(1)) {
    yield finding([...path, index], 'is never used: a level before it is for the rest too', null);
  }
  if (levels.length === 0 || rest.length > 0) return;
  const named = levels.flatMap((level) => level.scenarios);
  for (const scenario of planned.filter((each) => !(named as string[]).includes(each))) {
    yield finding(path, `"${scenario}" has no level`, 'add it to the scenarios of one');
  }
}

const CALLED = { scenarios: 'scenario', rules: 'decision rule' } as const;

function* checkNamed(levels: readonly Level[], of: keyof typeof CALLED, planned: string[], path: Path): Findings {
  const named = new Set<string>();
  for (const [index, level] of levels.entries()) {
    for (const [at, name] of (level[of] ?? []).entries()) {
      const where = [...path, index, of, at];
      if (!planned.includes(name)) {
        yield finding(where, `the plan has no ${CALLED[of]} "${name}"`, suggestion(name, planned));
      }
      if (named.has(name)) yield finding(where, `"${name}" has a level already`, 'keep it in one level');
      named.add(name);
    }
  }
}

function* checkTimes({ start, updates, end }: Level, path: Path): Findings {
  for (const [index, { within }] of start.entries()) {
    yield* atLeast(within, SHORTEST_DEADLINE, [...path, 'start', index, 'within']);
  }
  for (const [index, { every }] of updates.entries()) {
    yield* atLeast(every, SHORTEST_CADENCE, [...path, 'updates', index, 'every']);
  }
  for (const [index, { within }] of end.entries()) {
    yield* atLeast(within, SHORTEST_DEADLINE, [...path, 'end', index, 'within']);
  }
}

function* atLeast(duration: string, shortest: string, path: Path): Findings {
  if (milliseconds(duration) >= milliseconds(shortest)) return;
  yield finding(path, `${duration} is too short to be kept`, `expected at least ${shortest}`);
}

/**
 * Who decides is inside: gates say what no outsider may read.
 *
 * @param where the place to mend it, for the outsider of an index
 */
export function* checkOutsiders(
  { outsiders, commander }: Communication,
  authority: Authority,
  where: (index: number) => Path,
): Findings {
  const { rules, abort, escalate } = authority;
  const deciding = [...rules.flatMap(({ require, notify }) => [...require, ...(notify?.roles ?? [])])];
  const inside = [...deciding, ...abort, ...escalate, ...(commander === undefined ? [] : [commander])];
  for (const [index, role] of outsiders.entries()) {
    if (!inside.includes(role)) continue;
    const message = `${role} decides or is told of decisions, and cannot be outside`;
    yield finding(where(index), message, 'take it out');
  }
}

function* checkTemplate({ templates }: Communication, audience: Audience, path: Path): Findings {
  const known = placeholders(audience);
  for (const [key, text] of Object.entries(templates[audience])) {
    for (const name of placeholdersIn(text)) {
      if (known.includes(name)) continue;
      const message = `there is no {${name}} for a message to people ${audience}`;
      yield finding([...path, key], message, suggestion(name, known));
    }
  }
}

/** Everybody whom the plan wants told can be reached, at the severity of the level, and channels are fit for it. */
export function* checkChannels(plan: Plan, environment: Environment): Findings {
  const { notifications: channels, approvers } = environment;
  for (const { index, key } of repeated(channels, ({ name }) => name)) {
    yield finding(['notifications', index, 'name'], `there is a channel "${key}" already`, 'rename one');
  }
  for (const [index, channel] of channels.entries()) yield* checkChannel(plan, environment, channel, index);
  yield* checkReach(plan, environment);
  const { commander } = communicationOf(plan, environment);
  if (commander === undefined || approvers.some(({ roles }) => roles.includes(commander))) return;
  const held = approvers.flatMap(({ roles }) => roles);
  yield finding(['approvers'], `nobody is ${commander}, who commands recoveries`, suggestion(commander, held));
}

/** What counts in the environment. */
const communicationOf = (plan: Plan, { overrides }: Environment): Communication =>
  overrides.communication ?? plan.communication;

function* checkReach(plan: Plan, environment: Environment): Findings {
  const { notifications: channels, overrides } = environment;
  const { rules, escalate } = overrides.authority ?? plan.authority;
  const communication = communicationOf(plan, environment);
  const deciding = [...rules.flatMap(({ require, notify }) => [...require, ...(notify?.roles ?? [])]), ...escalate];
  const reached = channels.flatMap(({ roles }) => roles);
  const scenarios = Object.keys(plan.scenarios);
  const levels = [...scenarios.map((scenario) => levelOf(communication, scenario)), ...communication.levels];
  for (const level of new Set(levels)) {
    for (const role of new Set([...rolesOf(level), ...deciding])) {
      const { severity } = level;
      if (channelsFor(channels, { roles: [role], severity }).length > 0) continue;
      // That a role which decides has no channel at all is said where people are checked.
      if (!reached.includes(role) && deciding.includes(role)) continue;
      const message = `no notification takes ${severity} messages of level ${level.name} to ${role}`;
      const hint = reached.includes(role) ? `add "${severity}" to a channel's severities` : suggestion(role, reached);
      yield finding(['notifications'], message, hint);
    }
  }
}

function* checkChannel(plan: Plan, environment: Environment, channel: Channel, index: number): Findings {
  const { mode } = environment;
  const path = ['notifications', index];
  const { outsiders } = communicationOf(plan, environment);
  const outside = channel.roles.filter((role) => outsiders.includes(role));
  if (outside.length > 0 && outside.length < channel.roles.length) {
    const message = `reaches people inside and outside (${outside.join(', ')}) by one channel`;
    yield finding([...path, 'roles'], message, 'give people outside a channel of their own');
  }
  if (channel.provider === 'email') yield* checkEmail(channel, mode, path);
  const secret = 'endpoint' in channel ? channel.endpoint : null;
  if (mode === 'live' && secret?.startsWith('http:')) {
    yield finding([...path, 'endpoint'], 'a secret would be sent in the clear', 'use https');
  }
}

function* checkEmail(
  channel: Extract<Channel, { provider: 'email' }>,
  mode: Environment['mode'],
  path: Path,
): Findings {
  const { tls, user, passwordSecret } = channel;
  if ((user === undefined) !== (passwordSecret === undefined)) {
    yield finding(path, '"user" and "passwordSecret" belong together', 'give both or neither');
  }
  if (tls !== 'none') return;
  if (mode === 'live') yield finding([...path, 'tls'], '"none" is for drills only', 'use "starttls" or "implicit"');
  if (user !== undefined) yield finding([...path, 'tls'], 'a password would be sent in the clear', 'use "starttls"');
}
