import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { incidentId, recoveryEndedSignal, recoveryStartedSignal } from '../incident-messages.ts';
import type { Recovery } from './recovery.ts';

/** Has an open incident look up a recovery that it did not start, so that it does not judge what is on the move. */
export function tellStart(recovery: Recovery): void {
  if (workflowInfo().parent !== undefined) return;
  incidentOf(recovery).signal(recoveryStartedSignal).catch(noIncident);
}

/** Has an open incident look up how it ended; the one that started it may have continued as new since. */
export async function tellEnd(recovery: Recovery): Promise<void> {
  await incidentOf(recovery).signal(recoveryEndedSignal).catch(noIncident);
}

const incidentOf = ({ input }: Recovery) => getExternalWorkflowHandle(incidentId(input.plan.system));

function noIncident(): void {
  // None is open. The next one looks up what became of the last recovery.
}
