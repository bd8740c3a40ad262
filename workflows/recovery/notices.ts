import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { planRef } from '../../plan/recovery-plan.ts';
import type { lateNotices } from '../late-notices.ts';
import { leaveTelling, type Message, type Teller, tellPeople, type Undelivered } from '../telling.ts';
import { newsOf } from './news.ts';
import type { Recovery } from './recovery.ts';

/**
 * Tells people of a recovery, in the background.
 *
 * @param withinMs by when it has to be delivered, counted from now
 */
export function notice(recovery: Recovery, message: Message, withinMs: number | null = null): void {
  tellPeople(tellerOf(recovery), message, withinMs);
}

/**
 * Waits a moment for what is still under way. The rest goes on in a workflow of its own: this one holds the system's
 * lock, and a channel that is out must not keep the next recovery from starting.
 */
export async function leaveNotices(recovery: Recovery): Promise<void> {
  await leaveTelling(recovery, (undelivered) => deliverLater(recovery, undelivered));
}

async function deliverLater({ input, ref }: Recovery, undelivered: Undelivered[]): Promise<string | null> {
  const { system } = input.plan;
  const child = await startChild<typeof lateNotices>('lateNotices', {
    workflowId: `late-notices/${system}/${ref.runId}`,
    args: [{ plan: planRef(input.plan), undelivered }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `messages of ${ref.workflowId} that are not delivered yet`,
  }).catch(() => null);
  return child?.workflowId ?? null;
}

function tellerOf(recovery: Recovery): Teller {
  const { input, ref, notifications, telling } = recovery;
  return {
    ...{ plan: input.plan, workflowId: ref.workflowId, notifications, telling },
    note: (text) => recovery.note(text),
    newsOf: (roles, about) => newsOf(recovery, roles, about),
  };
}
