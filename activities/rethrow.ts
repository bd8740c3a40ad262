import { Context } from '@temporalio/activity';
import { TemporalFailure } from '@temporalio/common';
import { fault, refusal } from './fault.ts';
import { reasonOf } from './reason.ts';

/**
 * Gives an error of the outside world its name for Temporal. Failures of Temporal's own, cancellation among them, pass
 * as they are.
 *
 * @param what who says so, before the error's own message: `events in eu-central-1`
 * @param rejected whether the outside world answered that the request is wrong, which no repetition changes
 */
export function rethrow(what: string, cause: unknown, rejected: boolean): never {
  if (cause instanceof TemporalFailure) throw cause;
  Context.current().cancellationSignal.throwIfAborted();
  const message = `${what}: ${reasonOf(cause)}`;
  throw rejected ? refusal('WiringInvalid', message) : fault('NotReached', message);
}
