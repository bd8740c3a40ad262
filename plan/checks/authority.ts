import { asks, localTime } from '../authority.ts';
import { type Findings, finding } from '../finding.ts';
import type { Path } from '../problem.ts';
import { type Authority, AuthorityScenario, Mode } from '../schema.ts';

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
  yield* checkAsked(rules, [...path, 'rules']);
  yield* checkReached(rules, [...path, 'rules']);
  yield* checkCovered(rules, [...path, 'rules']);
}

type Rule = Authority['rules'][number];

const HOURS = ['business-hours', 'other-hours'] as const;
/** What belongs to no scenario, such as an acknowledgement. */
const REST = 'the rest';

/** Each hour, mode and scenario that a rule is for. */
function cells({ when, mode, scenarios }: Rule): string[] {
  const hours = when === 'always' ? HOURS : [when];
  const modes = mode === undefined ? Mode.options : [mode];
  const matters = scenarios ?? [...AuthorityScenario.options, REST];
  return hours.flatMap((hour) => modes.flatMap((each) => matters.map((matter) => [hour, each, matter].join(' '))));
}

function* checkAsked(rules: Rule[], path: Path): Findings {
  for (const [index, rule] of rules.entries()) {
    if (asks(rule) || rule.mode === 'drill') continue;
    const hint = 'name a role; only a rule with "mode: drill" may ask nobody';
    yield finding([...path, index, 'require'], 'lets a live system be recovered without approval', hint);
  }
}

/** A drill's rule that asks nobody leaves to the rules after it what is asked about risks. */
function* checkReached(rules: Rule[], path: Path): Findings {
  const asked = new Set<string>();
  const waived = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const taken = (cell: string) => asked.has(cell) || (!asks(rule) && waived.has(cell));
    if (cells(rule).every(taken)) {
      yield finding([...path, index], 'is never reached: rules before it cover its hours', 'take it out or move it up');
    }
    for (const cell of cells(rule)) (asks(rule) ? asked : waived).add(cell);
  }
}

/** A rule that is for everything is for what belongs to no scenario. */
function* checkCovered(rules: Rule[], path: Path): Findings {
  const covered = new Set(rules.filter(asks).flatMap(cells));
  for (const hours of HOURS) {
    const open = Mode.options.filter((mode) => !covered.has([hours, mode, REST].join(' ')));
    if (open.length === 0) continue;
    const where = open.length === Mode.options.length ? '' : `, ${open.join()}`;
    const all = rules.some(({ scenarios }) => scenarios !== undefined) ? ', and without "scenarios"' : '';
    const hint = `add a rule with "when: ${hours}" or "when: always"${all}`;
    yield finding(path, `nobody may decide in ${hours}${where}`, hint);
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
