import { componentsFor, regionViews } from '../combine-facts.ts';
import { leaseHolders } from '../direction.ts';
import { milliseconds } from '../duration.ts';
import type { Facts } from '../facts.ts';
import { forbidsPromotion } from '../promotable.ts';
import type { DecisionRules } from '../recovery-plan.ts';
import type { DecisionAction } from '../schema.ts';
import type { History, PastRecovery } from './history.ts';
import { changes, type Verdict, verdict } from './verdict.ts';

/** Roles of the databases, as seen from anywhere. */
function rolesIn(facts: Facts, region: string): Set<string | null> {
  return new Set(regionViews(facts, region).map(({ databaseRole }) => databaseRole));
}

/** What must be settled before any rule of the plan is asked; null when the rules may decide. */
export function guardBefore(facts: Facts, history: History, { flapping }: DecisionRules): Verdict | null {
  const unclear = guardPrimary(facts);
  if (unclear !== null) return unclear;
  if (history.changes.length >= flapping.changes) {
    const reason = `${facts.from} has come and gone ${history.changes.length} times within ${flapping.within}: a failover may do more harm than good`;
    return verdict('ask-human', 'flapping', reason);
  }
  return null;
}

/** There must be one primary, where clients are led and by right of the lease; anything else is for people. */
function guardPrimary(facts: Facts): Verdict | null {
  const { from, to, servingRegions } = facts;
  const [here, there] = [rolesIn(facts, from), rolesIn(facts, to)];
  if (here.has('primary') && there.has('primary')) {
    const reason = `the databases in ${from} and ${to} both take writes: stop one of them by hand, and choose whose data stays`;
    return verdict('ask-human', 'two-primaries', reason);
  }
  const primary = here.has('primary') ? from : there.has('primary') ? to : null;
  if (primary === null) {
    if (!here.has('standby')) return null;
    const reason = `the database in ${from} is a standby, and none is seen that takes writes: see where the primary should be`;
    return verdict('ask-human', 'no-primary', reason);
  }
  const other = primary === from ? to : from;
  if (new Set(leaseHolders(facts.vantages)).has(other)) {
    const reason = `the database in ${primary} takes writes, and the lease says that only ${other} may: see which of them is right`;
    return verdict('ask-human', 'lease-elsewhere', reason);
  }
  if (primary === from && servingRegions.join() !== to) return null;
  const reason = `the database in ${primary} is the primary, and clients are not led there`;
  return verdict('ask-human', 'serves-elsewhere', reason);
}

/** Takes a verdict that would change the system and makes of it what is safe. */
export function guardAfter(found: Verdict, facts: Facts, history: History, now: Date, rules: DecisionRules): Verdict {
  if (!changes(found.action)) return found;
  if (isShared(facts, found.component)) return askToMend(found, `${found.reason}; both regions share it: mend it`);
  const safe = guardLoss(found, facts);
  return changes(safe.action) ? (guardRepeat(safe, history, now, rules) ?? safe) : safe;
}

/** Corruption is not failed over, and nothing is promoted that is not known to be a good standby. */
function guardLoss(found: Verdict, facts: Facts): Verdict {
  const { action, rule, reason } = found;
  if (action === 'restore') return found;
  if (facts.measures?.dataCorrupted === true) {
    return verdict(
      'restore',
      rule,
      `${reason}; the data is corrupt, and so it is on the standby: restore from a clean backup`,
    );
  }
  if (action === 'component-failover') return guardComponent(found, facts);
  const forbidden = forbidsPromotion(facts);
  if (forbidden !== null) return verdict('ask-human', rule, `${reason}; the database in ${facts.to}: ${forbidden}`);
  if (facts.standbyReady) return found;
  const unseen = `${reason}; whether the standby in ${facts.to} can take over is unknown: look there first`;
  const instead = action === 'switchover' ? 'put the work off' : 'where there is none, restore from a backup';
  return verdict('ask-human', rule, `${unseen}, and ${instead}`);
}

function guardComponent(found: Verdict, facts: Facts): Verdict {
  const other = componentsFor(facts, facts.to).find(({ component }) => component === found.component);
  if (other?.health === 'healthy' || other?.health === 'degraded') return found;
  const why = `${found.reason}; ${found.component} in ${facts.to} is ${other?.health ?? 'unknown'} as well`;
  return askToMend(found, `${why}: mend it in either region`);
}

const isShared = ({ components = [] }: Facts, name: string | null): boolean =>
  components.some(({ component, region }) => component === name && region === null);

const askToMend = ({ rule, component }: Verdict, reason: string): Verdict =>
  verdict('ask-human', rule, reason, { component });

/** After a recovery the next one does not start by itself, until the plan's time is over or somebody acknowledges. */
function guardRepeat(found: Verdict, history: History, now: Date, { blockFor }: DecisionRules): Verdict | null {
  const past = blocking(history, found.action);
  const until = blockedUntil(past, blockFor);
  if (past === null || until === null || now.getTime() >= until) return null;
  const { system, scenario, outcome, endedAt } = past;
  const reason =
    `${found.reason}; ${found.action} is called for, and a ${scenario} ended ${outcome} at ${endedAt}: ` +
    `none starts by itself before ${new Date(until).toISOString()}. See to it, then "lifeboat acknowledge ${system}"`;
  return verdict('ask-human', 'anti-flapping', reason, { component: found.component });
}

/** The recovery that an action waits for. Planned work does not hold up what an outage calls for, and waits for all. */
export const blocking = ({ lastRecovery, lastUnplanned }: History, action: DecisionAction): PastRecovery | null =>
  action === 'switchover' ? lastRecovery : lastUnplanned;

/** Until when nothing starts by itself after it, in milliseconds since 1970; null when nothing is in the way. */
export function blockedUntil(past: PastRecovery | null, blockFor: string): number | null {
  if (past === null || past.acknowledged) return null;
  return Date.parse(past.endedAt) + milliseconds(blockFor);
}
