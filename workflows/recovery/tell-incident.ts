import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { servesAfter } from '../../plan/direction.ts';
import type { Outcome } from '../../plan/report.ts';
import { incidentId, recoveryEndedSignal, recoveryStartedSignal } from '../incident-messages.ts';
import { iso, type Recovery } from './recovery.ts';

/** Tells an open incident of a recovery that it did not start, so that it does not judge what is on the move. */
export function tellStart({ input, ref, startedAtMs }: Recovery): void {
  if (workflowInfo().parent !== undefined) return;
  const { workflowId, runId } = ref;
  const started = { workflowId, runId, scenario: input.scenario, startedAt: iso(startedAtMs) };
  getExternalWorkflowHandle(incidentId(input.plan.system)).signal(recoveryStartedSignal, started).catch(noIncident);
}

/** The incident may have continued as new since it started this recovery, and then hears of its end by this alone. */
export async function tellEnd({ input, ref }: Recovery, outcome: Outcome, reason: string): Promise<void> {
  const { workflowId, runId } = ref;
  const serves = servesAfter({ outcome, from: input.from, to: input.to });
  await getExternalWorkflowHandle(incidentId(input.plan.system))
    .signal(recoveryEndedSignal, { workflowId, runId, outcome, reason, serves })
    .catch(noIncident);
}

function noIncident(): void {
  // None is open. The next one looks up what became of the last recovery.
}
