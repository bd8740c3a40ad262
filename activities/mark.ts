import type { RecoveryRef } from './contract.ts';
import { refusal } from './fault.ts';

/**
 * What a recovery leaves beside what it changes: its workflow and its epoch, and whether it has put back what was there.
 * It stays after the recovery, as a fence against executors that come late.
 */
export interface Mark {
  recovery: RecoveryRef;
  /** A recovery goes back once and never forward again. */
  restored: boolean;
}

const RESTORED = ' restored';

/** `recovery/teei-csr/1767225600000`, and ` restored` after it once the recovery has gone back. */
export function markText({ recovery, restored }: Mark): string {
  return `${recovery.workflowId}/${recovery.epoch}${restored ? RESTORED : ''}`;
}

/**
 * Stops an executor that came late: a later recovery has been here, or its own has put things back since.
 *
 * @param found the mark as it is; undefined where there is none
 * @param what carries the mark, for the message: `Deployment api`
 * @throws LeaseLost when the mark is later than `own`, or cannot be read
 */
export function refuseIfOvertaken(found: string | undefined, own: Mark, what: string): void {
  if (found === undefined || !isLater(found, own)) return;
  throw refusal('LeaseLost', `${what} belongs to recovery "${found}", and this is "${markText(own)}"`);
}

function isLater(found: string, { recovery, restored }: Mark): boolean {
  const [, epoch, suffix] = /\/(\d+)( restored)?$/.exec(found) ?? [];
  if (epoch === undefined) return true;
  if (Number(epoch) !== recovery.epoch) return Number(epoch) > recovery.epoch;
  return suffix !== undefined && !restored;
}
