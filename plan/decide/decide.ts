import { componentsFor, nameText, unclear } from '../combine-facts.ts';
import { milliseconds } from '../duration.ts';
import type { Facts } from '../facts.ts';
import type { DecisionRules } from '../recovery-plan.ts';
import type { DecisionRule } from '../schema.ts';
import { type Sighting, sight } from './conditions.ts';
import { guardAfter, guardBefore } from './guards.ts';
import { type History, heldSince, keyOf, UNKNOWN } from './history.ts';
import { changes, isPatient, type Verdict, verdict } from './verdict.ts';

/**
 * The decision matrix: what the facts call for now, and why. The plan's rules are asked in order and the first whose
 * condition holds decides. Before and after them stand what no plan can change: two primaries or none, a lease or
 * clients elsewhere, flapping, corruption, a standby that does not answer, a recovery just done. What cannot be told
 * never leads to a change: it waits, and then asks people.
 *
 * @param facts `from` is where the system serves: see `directionOf`
 * @param history with this look already in it: see `remember`
 */
export function decide(facts: Facts, history: History, now: Date, rules: DecisionRules): Verdict {
  const settled = guardBefore(facts, history, rules);
  if (settled !== null) return settled;
  const look = { facts, history, now, rules };
  const found = firstThatHolds(look) ?? unknown(history, facts, now, rules) ?? leftOver(look);
  return guardAfter(neverHidden(found, look) ?? found, facts, history, now, rules);
}

interface Look {
  facts: Facts;
  history: History;
  now: Date;
  rules: DecisionRules;
}

function firstThatHolds({ facts, history, now, rules }: Look, among = rules.rules): Verdict | null {
  for (const rule of among) {
    const sighting = sight({ facts, rule, rules, now });
    if (sighting.holds === true) return due(rule, sighting, history, now);
  }
  return null;
}

/**
 * What a verdict must not hide that only waits: corrupt data, and errors of clients. The plan's own rule for it decides,
 * and without one people are asked. A rule that is about to act, or to ask, is not held up for the errors of clients,
 * which may well come of what it acts on.
 */
function neverHidden({ action, rule }: Verdict, look: Look): Verdict | null {
  if (changes(action) || action === 'ask-human') return null;
  const { rules } = look.rules;
  const patient = rules.some(({ name, action: own }) => name === rule && isPatient(own));
  for (const when of patient ? (['data-corrupted', 'customer-errors'] as const) : (['data-corrupted'] as const)) {
    const own = rules.filter((each) => each.when === when);
    const found = own.length > 0 ? firstThatHolds(look, own) : withoutRule(when, look);
    if (found !== null && (changes(found.action) || found.action === 'ask-human')) return found;
  }
  return null;
}

/** What a rule whose condition holds comes to, by how long it has held. */
function due(rule: DecisionRule, { text, component }: Sighting, history: History, now: Date): Verdict {
  const { name, action, withoutApproval } = rule;
  const since = heldSince(history, keyOf(name, component)) ?? now.getTime();
  const dueAt = since + milliseconds(rule.for);
  if (now.getTime() < dueAt) {
    const reason = `${text}, since ${iso(since)}; ${action} when it has been so for ${rule.for}`;
    return verdict('wait', name, reason, { until: iso(dueAt), component });
  }
  const over = rule.atMost !== undefined ? since + milliseconds(rule.atMost) : null;
  if (over !== null && now.getTime() >= over) {
    return verdict('ask-human', name, `${text}, for more than ${rule.atMost}: it does not pass by itself`, {
      component,
    });
  }
  return verdict(action, name, text, { component, withoutApproval, until: over === null ? null : iso(over) });
}

/** Whether the region serves cannot be told: that is waited out for as long as the plan says. */
function unknown(history: History, facts: Facts, now: Date, { unknownFor }: DecisionRules): Verdict | null {
  const since = heldSince(history, UNKNOWN);
  if (!unclear(facts)) return null;
  const until = (since ?? now.getTime()) + milliseconds(unknownFor);
  const [only, another] = facts.vantages;
  const alone = only !== undefined && another === undefined ? `, since only ${only.vantage} could look` : '';
  const reason = `it is unknown whether ${facts.from} serves${alone}`;
  if (now.getTime() < until) return verdict('wait', UNKNOWN, reason, { until: iso(until) });
  return verdict('ask-human', UNKNOWN, `${reason}, for ${unknownFor}: look with other means`);
}

/** What is put to people where the plan has no rule for it. */
const NEVER_NOTHING = [
  'data-corrupted',
  'region-unreachable',
  'database-failing',
  'service-failing',
  'customer-errors',
] as const;

/** Of the requests of clients, where no rule of the plan says how many may fail. */
const CUSTOMER_ERRORS_PERCENT = 5;

const NO_RULE: Omit<DecisionRule, 'when'> = {
  name: 'no-rule',
  for: '0s',
  components: [],
  action: 'ask-human',
  withoutApproval: false,
};

/** What holds and the plan has no rule for; the plan's own limit counts where a rule of it has one. */
function withoutRule(when: (typeof NEVER_NOTHING)[number], { facts, rules, now }: Look): Verdict | null {
  const limits = rules.rules.flatMap(({ when: of, overPercent }) => (of === when ? (overPercent ?? []) : []));
  const overPercent = limits.length > 0 ? Math.min(...limits) : CUSTOMER_ERRORS_PERCENT;
  const { holds, text } = sight({ facts, rule: { ...NO_RULE, when, overPercent }, rules, now });
  return holds === true ? askWithoutRule(text) : null;
}

const askWithoutRule = (seen: string, component: string | null = null): Verdict =>
  verdict('ask-human', 'no-rule', `${seen}, and no rule of the plan says what to do`, { component });

/** Nothing that the plan has a rule for. */
function leftOver(look: Look): Verdict {
  const { facts } = look;
  for (const when of NEVER_NOTHING) {
    const found = withoutRule(when, look);
    if (found !== null) return found;
  }
  const amiss = componentsFor(facts, facts.from).find(({ health }) => health === 'failing');
  if (amiss !== undefined) return askWithoutRule(`${nameText(amiss)} fails`, amiss.component);
  return verdict(
    'none',
    'nothing-amiss',
    `${facts.from} serves, and nothing is seen that calls for anything${alone(facts)}`,
  );
}

/** What people should know before the next trouble. */
const alone = ({ to, standbyReady }: Facts): string =>
  standbyReady ? '' : `; no standby answers in ${to}, which could not take over`;

const iso = (ms: number) => new Date(ms).toISOString();
