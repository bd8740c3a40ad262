import { finishTelling as finish, type Message, type Teller, tellPeople } from '../telling.ts';
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

/** Waits for what is still under way, but not for long; what has not been delivered then is recorded so. */
export const finishTelling = (recovery: Recovery): Promise<void> => finish(recovery);

function tellerOf(recovery: Recovery): Teller {
  const { input, ref, notifications, telling } = recovery;
  return {
    ...{ plan: input.plan, workflowId: ref.workflowId, notifications, telling },
    note: (text) => recovery.note(text),
    newsOf: (roles, about) => newsOf(recovery, roles, about),
  };
}
