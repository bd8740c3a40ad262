import type { Authority, Environment, Plan } from '../schema.ts';
import { bullets, listed, table } from './markdown.ts';

const DAYS = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const WHEN = { 'business-hours': 'Business hours', 'other-hours': 'Other hours', always: 'Always' };

const MODE = { live: ', live only', drill: ', in drills' };

function ruleRow({ when, scenarios, mode, require, notify }: Authority['rules'][number]): string[] {
  const told = notify === undefined ? '' : `${listed(notify.roles)}, within ${notify.within}`;
  const matters = scenarios === undefined ? '' : `, for ${listed(scenarios)}`;
  const where = mode === undefined ? '' : MODE[mode];
  return [`${WHEN[when]}${matters}${where}`, require.length === 0 ? 'nobody' : listed(require), told];
}

function hours({ timeZone, businessHours }: Authority): string {
  const { days, from, to, holidays } = businessHours;
  const free = holidays.length === 0 ? '' : `, except on ${listed(holidays)}`;
  return `Business hours are ${from} to ${to} in ${timeZone} on ${listed(days.map((day) => DAYS[day]))}${free}.`;
}

/** Whoever has the right may use it where the scenario's criteria say so. */
function aborting({ authority, scenarios }: Plan): string {
  const all = Object.entries(scenarios);
  const open = all.filter(([, { rollback }]) => rollback.executiveAbort).map(([name]) => name);
  if (open.length === 0) return 'Nobody may abort a recovery.';
  const what = open.length === all.length ? 'a recovery' : listed(open, 'or');
  return `At any time, ${listed(authority.abort, 'or')} may abort ${what}.`;
}

/** Who decides, when, and who is told. */
export function whoDecides(plan: Plan): string {
  const { authority } = plan;
  return [
    '## Who decides',
    hours(authority),
    table(['When', 'Approval by', 'Told afterwards'], authority.rules.map(ruleRow)),
    bullets([
      'The first line that fits decides. Each role must be given by a different person.',
      'A gate that is still open when the hours change asks for all that either of the two asks for.',
      aborting(plan),
      `When half of the recovery-time objective is gone without a recovery, these are brought in: ${authority.escalate.join(' → ')}.`,
      `A gate that nobody answers climbs the same path, a step every ${authority.escalateEvery}.`,
    ]),
  ].join('\n\n');
}

function ruleText(rule: Authority['rules'][number]): string {
  const [when = '', by] = ruleRow(rule);
  return `${by} (${when.toLowerCase()})`;
}

function differences({ overrides }: Environment): string[] {
  const { objectives, watch, gateExpires, authority, communication, decisions } = overrides;
  return [
    objectives && `objectives ${objectives.recoveryTime} and ${objectives.dataLoss}`,
    watch && `watch ${watch}`,
    gateExpires && `gate expires after ${gateExpires}`,
    authority && `approval by ${authority.rules.map(ruleText).join('; ')}`,
    communication && 'who is told',
    decisions && 'times of decision rules',
  ].filter((text) => text !== undefined);
}

/** Where the plan is wired to, and who the people are there. */
export function environmentsOf(environments: readonly Environment[]): string {
  const rows = environments.map((each) => [
    each.environment,
    each.mode,
    each.service.host,
    each.approvers.map(({ identity, roles }) => `${identity} (${listed(roles)})`).join('; '),
    differences(each).join('; ') || 'nothing',
  ]);
  const head = ['Environment', 'Mode', 'Service', 'Approvers', 'Differs from the plan in'];
  return ['## Environments', table(head, rows)].join('\n\n');
}
