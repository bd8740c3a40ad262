import { localTime } from '../authority.ts';
import { type Findings, finding } from '../finding.ts';
import type { Path } from '../problem.ts';
import type { Authority } from '../schema.ts';

/** The clock is one, and somebody may decide at every hour. */
export function* checkAuthority({ timeZone, businessHours, rules }: Authority, path: Path): Findings {
  if (!isTimeZone(timeZone)) {
    const hint = 'expected a name of the IANA time zone database such as "America/New_York"';
    yield finding([...path, 'timeZone'], `there is no time zone "${timeZone}"`, hint);
  }
  if (businessHours.from === businessHours.to) {
    const hint = 'set it later than "from", or earlier for hours that run past midnight';
    yield finding([...path, 'businessHours', 'to'], 'business hours end when they begin', hint);
  }
  yield* checkRules(rules, [...path, 'rules']);
}

function* checkRules(rules: Authority['rules'], path: Path): Findings {
  const covered = new Set<string>();
  for (const [index, { when }] of rules.entries()) {
    const hours = when === 'always' ? ['business-hours', 'other-hours'] : [when];
    if (hours.every((each) => covered.has(each))) {
      yield finding([...path, index], 'is never reached: rules before it cover its hours', 'take it out or move it up');
    }
    for (const each of hours) covered.add(each);
  }
  for (const hours of ['business-hours', 'other-hours']) {
    if (covered.has(hours)) continue;
    yield finding(path, `nobody may decide in ${hours}`, `add a rule with "when: ${hours}" or "when: always"`);
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    localTime(timeZone, new Date(0));
    return true;
  } catch {
    return false;
  }
}
