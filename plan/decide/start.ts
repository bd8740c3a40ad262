import type { Plan, ScenarioName } from '../schema.ts';
import { changes, type Verdict, verdict } from './verdict.ts';

/** A scenario that a verdict starts. */
export interface Start {
  scenario: ScenarioName;
}

/** What people do by hand where no scenario does it. */
const BY_HAND: Record<string, (verdict: Verdict) => string> = {
  'component-failover': ({ component }) => `fail ${component} over to the other region, and route its traffic there`,
  'region-failover': () => 'bring the system up in the other region',
  'database-failover': () => 'fence the old primary, promote the standby, and point the workloads at it',
  restore: () => 'stop all writes, restore the newest clean backup aside, check it, then promote it',
  switchover: () => 'drain, wait until the standby has everything, demote, promote, move the names',
};

/**
 * The scenario to start, or the verdict with which people are asked to do by hand what the plan has no scenario for.
 *
 * @param scenarios what the plan has: its actions of the same name are started
 */
export function startOf(found: Verdict, scenarios: Plan['scenarios']): Start | Verdict {
  if (!changes(found.action)) return found;
  if (Object.hasOwn(scenarios, found.action)) return { scenario: found.action as ScenarioName };
  const { rule, reason, component } = found;
  const hand = BY_HAND[found.action]?.(found) ?? found.action;
  const asked = `${reason}. ${found.action} is called for, and the plan has no scenario for it: ${hand}`;
  return verdict('ask-human', rule, asked, { component });
}
