import type { RecoveryPlan } from './recovery-plan.ts';
import type { Authority } from './schema.ts';

export type AuthorityRule = Authority['rules'][number];

export interface AuthorityVerdict {
  /** The rule that decides now; null when no rule is for this time, which `checkPlan` does not let pass. */
  rule: AuthorityRule | null;
  /** The rule by which a drill starts without approval. What is asked later, about risks, is asked all the same. */
  waived: AuthorityRule | null;
  /** Each must be given by a different person. */
  requiredRoles: string[];
  /** Who must be told, and how soon. */
  notify: { roles: string[]; within: string } | null;
  businessHours: boolean;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Day = Authority['businessHours']['days'][number];

/** The wall clock of a time zone. `time` is `HH:MM`, so that text compares as time does. */
interface LocalTime {
  date: string;
  day: Day;
  time: string;
}

/** What calendar and clock say in a time zone, daylight saving included. Throws RangeError for an unknown zone. */
export function localTime(timeZone: string, at: Date): LocalTime {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  // The weekday follows from the local date; reading it from text would depend on the locale.
  const day = DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'sun';
  return { date, day, time: `${part('hour')}:${part('minute')}` };
}

/** The day before, so that hours that run past midnight belong to the day on which they began. */
function previousDay(date: string): { date: string; day: Day } {
  const before = new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000);
  return { date: before.toISOString().slice(0, 10), day: DAYS[before.getUTCDay()] ?? 'sun' };
}

/** Is it business hours? The closing minute is outside. Hours whose end is not after their start run past midnight. */
export function isBusinessHours({ timeZone, businessHours }: Pick<Authority, 'timeZone' | 'businessHours'>, at: Date) {
  const { from, to, days, holidays } = businessHours;
  const now = localTime(timeZone, at);
  const works = ({ date, day }: { date: string; day: Day }) => days.includes(day) && !holidays.includes(date);
  if (from < to) return works(now) && now.time >= from && now.time < to;
  return (works(now) && now.time >= from) || (works(previousDay(now.date)) && now.time < to);
}

/** What of a plan says who decides. */
export type AuthorityOf = Pick<RecoveryPlan, 'authority' | 'mode'>;

/**
 * Who may approve at a time: the first rule that is for it and asks somebody. Without one, every role that any rule
 * asks for.
 *
 * @param scenario what is decided on; null for what belongs to no scenario, such as an acknowledgement
 */
export function authorityAt({ authority, mode }: AuthorityOf, scenario: string | null, at: Date): AuthorityVerdict {
  const businessHours = isBusinessHours(authority, at);
  const current = businessHours ? 'business-hours' : 'other-hours';
  const fits = (rule: AuthorityRule) =>
    (rule.when === 'always' || rule.when === current) &&
    (rule.mode === undefined || rule.mode === mode) &&
    (rule.scenarios === undefined || rule.scenarios.some((each) => each === scenario));
  const fitting = authority.rules.filter(fits);
  const rule = fitting.find(asks) ?? null;
  const everybody = [...new Set(authority.rules.flatMap(({ require }) => require))];
  const waived = mode === 'drill' && fitting[0] !== undefined && !asks(fitting[0]) ? fitting[0] : null;
  return {
    rule,
    waived,
    requiredRoles: rule?.require ?? everybody,
    notify: rule?.notify ?? null,
    businessHours,
  };
}

/**
 * Whom to ask where something must be done by hand, or where nobody can tell what is to be done: the first of the path
 * of escalation, who is on call, and those whom a rule names for this very deed.
 *
 * @param byHand what the decision matrix calls for; undefined when it cannot tell
 */
export function askedFirst(of: AuthorityOf, byHand: string | undefined, at: Date): string[] {
  const rule = byHand === undefined ? null : authorityAt(of, byHand, at).rule;
  const named = rule?.scenarios === undefined ? [] : rule.require;
  return [...new Set([...of.authority.escalate.slice(0, 1), ...named])];
}

/** Does the rule ask anybody? One that does not is for drills. */
export const asks = ({ require }: AuthorityRule): boolean => require.length > 0;

/** No hours of a day are shorter than this. */
const STEP_MS = 15 * 60_000;

/** When another rule begins to decide, in milliseconds since 1970; null when none does before `untilMs`. */
export function authorityChangesAt(
  of: AuthorityOf,
  scenario: string | null,
  fromMs: number,
  untilMs: number,
): number | null {
  const ruleAt = (ms: number) => authorityAt(of, scenario, new Date(ms)).rule;
  const now = ruleAt(fromMs);
  for (let ms = fromMs; ms < untilMs; ms += STEP_MS) {
    const next = Math.min(ms + STEP_MS, untilMs);
    if (ruleAt(next) !== now) return firstWhere((at) => ruleAt(at) !== now, ms, next);
  }
  return null;
}

/** The first whole number of a range for which it holds, where it holds from there to the end. */
function firstWhere(holds: (ms: number) => boolean, from: number, to: number): number {
  if (to - from <= 1) return to;
  const middle = Math.floor((from + to) / 2);
  return holds(middle) ? firstWhere(holds, from, middle) : firstWhere(holds, middle, to);
}

/** What satisfies two rules at once: what the first asks for, and what the second asks for beyond that. */
export function bothOf(first: readonly string[], second: readonly string[]): string[] {
  const given = [...first];
  const more = second.filter((role) => {
    const at = given.indexOf(role);
    if (at >= 0) given.splice(at, 1);
    return at < 0;
  });
  return [...first, ...more];
}
