import { Context } from '@temporalio/activity';
import type { Check } from '../../plan/report.ts';
import { reasonOf } from '../reason.ts';

export type Finding = Pick<Check, 'outcome' | 'detail'>;

export const passed = (detail: string): Finding => ({ outcome: 'passed', detail });
export const failed = (detail: string): Finding => ({ outcome: 'failed', detail });
export const unknown = (detail: string): Finding => ({ outcome: 'unknown', detail });

/**
 * Makes one check. A check that throws has failed and says why: verification goes on, unless the activity itself is
 * cancelled.
 */
export async function check(name: string, look: () => Promise<Finding>, thrown = failed): Promise<Check> {
  const at = new Date().toISOString();
  const { cancellationSignal } = Context.current();
  try {
    return { name, at, ...(await look()) };
  } catch (cause) {
    cancellationSignal.throwIfAborted();
    return { name, at, ...thrown(reasonOf(cause)) };
  }
}
