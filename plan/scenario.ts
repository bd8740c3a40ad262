import { byPlan, type Direction } from './direction.ts';
import { seconds } from './duration.ts';
import type { RecoveryPlan } from './recovery-plan.ts';
import type { Scenario, ScenarioName } from './schema.ts';

/** What a recovery by this scenario is held to: the scenario's own objectives where it has them, else the plan's. */
export function objectivesOf(
  { objectives }: Pick<RecoveryPlan, 'objectives'>,
  { objectives: own }: Pick<Scenario, 'objectives'>,
): RecoveryPlan['objectives'] {
  return {
    recoveryTimeSeconds: own?.recoveryTime === undefined ? objectives.recoveryTimeSeconds : seconds(own.recoveryTime),
    dataLossSeconds: own?.dataLoss === undefined ? objectives.dataLossSeconds : seconds(own.dataLoss),
  };
}

/**
 * The way that a scenario goes unless somebody says otherwise: it leaves the region that serves, and a failback returns
 * to the plan's primary region.
 */
export function usualDirection(
  { regions }: Pick<RecoveryPlan, 'regions'>,
  scenario: ScenarioName,
  serving: Direction = byPlan(regions),
): Direction {
  return scenario === 'failback' ? { from: regions.standby, to: regions.primary } : serving;
}
