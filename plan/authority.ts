import type { Authority } from './schema.ts';

export type AuthorityRule = Authority['rules'][number];

export interface AuthorityVerdict {
  /** The rule that decides now; null when no rule is for this time, which `checkPlan` does not let pass. */
  rule: AuthorityRule | null;
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

/** Who may approve at a time: the first rule that is for it. Without one, every role that any rule asks for. */
export function authorityAt(authority: Authority, at: Date): AuthorityVerdict {
  const businessHours = isBusinessHours(authority, at);
  const current = businessHours ? 'business-hours' : 'other-hours';
  const rule = authority.rules.find(({ when }) => when === 'always' || when === current) ?? null;
  const everybody = [...new Set(authority.rules.flatMap(({ require }) => require))];
  return { rule, requiredRoles: rule?.require ?? everybody, notify: rule?.notify ?? null, businessHours };
}
