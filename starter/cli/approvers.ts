import type { Client } from '@temporalio/client';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { fetchApprovers } from '../recoveries.ts';
import type { Approvers } from '../ssh-keys.ts';

/** A run goes on with the approvers that it was started with, so that they are fetched once. */
const known = new Map<string, Approvers['approvers']>();

/** Who may open the gates, as the run knows it; a screen does without when it cannot be read. */
export async function approversOf(
  client: Client,
  recovery: RecoveryStatus,
  timeoutMs: number,
): Promise<Approvers['approvers']> {
  if (recovery.gates.length === 0) return [];
  const held = known.get(recovery.runId);
  if (held !== undefined) return held;
  return fetchApprovers(client, recovery, timeoutMs).then(
    ({ approvers }) => {
      known.set(recovery.runId, approvers);
      return approvers;
    },
    () => [],
  );
}
