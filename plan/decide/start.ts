import type { Plan, ScenarioName } from '../schema.ts';
import { type ChangingAction, changes, type Verdict, verdict } from './verdict.ts';

/** A scenario that a verdict starts. */
export interface Start {
  scenario: ScenarioName;
}

/** What people do by hand where no scenario does it. */
const BY_HAND: Record<ChangingAction, (verdict: Verdict) => string> = {
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
  const { action, rule, reason, component } = found;
  if (!changes(action)) return found;
  if (Object.hasOwn(scenarios, action)) return { scenario: action as ScenarioName };
  const asked = `${reason}. ${action} is called for, and the plan has no scenario for it: ${BY_HAND[action](found)}`;
  return verdict('ask-human', rule, asked, { component, byHand: action });
}
