import { condition, sleep } from '@temporalio/workflow';
import { type OpenRecovery, recoveryId } from '../incident-messages.ts';
import { lastRecovery, scenarioOf } from './look-back.ts';
import type { Incident } from './state.ts';

/** A recovery signals before it closes; a signal that nothing comes of is a forgery, or early. */
const GAPS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

/**
 * Looks up recoveries that signals speak of, one lookup at a time and seldom while nothing comes of it: the signals are
 * unsigned, so that they are a reason to ask Temporal and nothing more.
 */
export async function confirmClaims(incident: Incident): Promise<never> {
  for (;;) {
    await condition(() => incident.claimed);
    await confirmClaim(incident);
  }
}

async function confirmClaim(incident: Incident): Promise<void> {
  for (const gapMs of GAPS_MS) {
    incident.claimed = false;
    const before = stateOf(incident);
    await confirmRecovery(incident);
    if (stateOf(incident) !== before) return;
    await sleep(gapMs, { summary: 'a signal spoke of a recovery: ask again' });
  }
}

const stateOf = ({ memory: { current, recoveries } }: Incident) => `${current?.runId} ${recoveries.at(-1)?.id}`;

/** Takes over what Temporal answers about the recovery under way, or about the newest one where none is known of. */
export async function confirmRecovery(incident: Incident): Promise<void> {
  const { current } = incident.memory;
  const found = await lastRecovery(incident, current?.runId ? { runId: current.runId } : {});
  if (found === 'unknown' || incident.memory.current !== current) return;
  if (found === null) return current === null ? undefined : gone(incident, current);
  const { runId, startedAt, ended } = found;
  const workflowId = recoveryId(incident.plan.system);
  if (ended === null) {
    if (current?.runId !== runId) incident.joins({ workflowId, runId, scenario: scenarioOf(found), startedAt });
    return;
  }
  const { at, acknowledged: _, ...end } = ended;
  if (current !== null || incident.stillBlocks(at))
    incident.ended({ workflowId, runId, scenario: scenarioOf(found), ...end }, at);
}

function gone(incident: Incident, { workflowId, runId, scenario }: OpenRecovery): void {
  const reason = 'it is not there any more and left no report';
  incident.ended({ workflowId, runId: runId ?? 'unknown', scenario, outcome: 'failed', reason, serves: null });
}
