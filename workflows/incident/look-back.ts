import { isCancellation } from '@temporalio/workflow';
import type { LastRecovery, LastRecoveryRequest } from '../../activities/contract.ts';
import type { ScenarioName } from '../../plan/schema.ts';
import { recoveryId } from '../incident-messages.ts';
import { SCENARIO_WORKFLOWS } from '../recovery/messages.ts';
import { look, stepOptions } from '../recovery/proxies.ts';
import type { Incident } from './state.ts';

/**
 * Looks up the system's newest recovery, whoever started it: one that runs is accompanied, and one that has ended a short
 * while ago blocks the next, as if it had been this incident's own.
 */
export async function lookBack(incident: Incident): Promise<void> {
  const found = await lastRecovery(incident, { incidentId: incident.ref.workflowId });
  if (found === null || found === 'unknown' || incident.memory.current !== null) return;
  const run = { workflowId: recoveryId(incident.plan.system), runId: found.runId, scenario: scenarioOf(found) };
  if (found.ended === null) {
    return incident.started({ ...run, startedAt: found.startedAt });
  }
  const { at, acknowledged, ...end } = found.ended;
  if (incident.stillBlocks(at)) incident.ended({ ...run, ...end }, at);
  if (acknowledged) incident.acknowledge();
}

/** Null when there is none; unknown when Temporal could not be asked. */
export async function lastRecovery(
  incident: Incident,
  about: Pick<LastRecoveryRequest, 'incidentId' | 'runId'>,
): Promise<LastRecovery | null | 'unknown'> {
  const request = { recoveryId: recoveryId(incident.plan.system), ...about };
  const options = stepOptions('look up the last recovery', null);
  return await look.lastRecovery.executeWithOptions(options, [request]).catch((error) => {
    if (isCancellation(error)) throw error;
    incident.noteOnce('the last recovery could not be looked up');
    return 'unknown' as const;
  });
}

export function scenarioOf({ type }: LastRecovery): ScenarioName {
  const [scenario = 'region-failover'] = Object.entries(SCENARIO_WORKFLOWS).find(([, name]) => name === type) ?? [];
  return scenario as ScenarioName;
}
