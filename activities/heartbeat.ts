import { Context } from '@temporalio/activity';
import { fault } from './fault.ts';

/** What each running activity said last, so that it can be said again on its behalf. */
const said = new WeakMap<Context, unknown>();

/** Heartbeats with details, which the activity's next attempt can read. */
export function heartbeat(details: unknown): void {
  const context = Context.current();
  said.set(context, details);
  context.heartbeat(details);
}

/** When each running activity last gave a sign of life, in milliseconds since 1970; never again once it was late. */
const alive = new WeakMap<Context, number>();

export function beginsToLive(context: Context): void {
  alive.set(context, Date.now());
}

/** A sign of life that loses nothing: what was said last, by this attempt or the one before, is repeated. */
export function repeatHeartbeat(context: Context): void {
  if (!stoodStill(context)) alive.set(context, Date.now());
  context.heartbeat(said.has(context) ? said.get(context) : context.info.heartbeatDetails);
}

/**
 * For changes to services that take no condition: stops an attempt that stood still for so long that Temporal may have
 * given the step to another worker. What it read before is old then. Call it last before the change; without a worker
 * that gives signs of life it does nothing.
 *
 * @throws NotReached, so that an attempt which is still wanted begins anew
 */
export function refuseIfFrozen(): void {
  if (!stoodStill(Context.current())) return;
  throw fault('NotReached', 'the worker stood still for so long that another one may have this step by now');
}

/**
 * Half of what Temporal waits for a sign of life: the worker does not pass every one on, and what another worker does
 * meanwhile takes time, too.
 */
function stoodStill(context: Context): boolean {
  const last = alive.get(context);
  const timeoutMs = context.info.heartbeatTimeoutMs ?? 0;
  return last !== undefined && timeoutMs > 0 && Date.now() - last > timeoutMs / 2;
}
