import { Context } from '@temporalio/activity';

/** What each running activity said last, so that it can be said again on its behalf. */
const said = new WeakMap<Context, unknown>();

/** Heartbeats with details, which the activity's next attempt can read. */
export function heartbeat(details: unknown): void {
  const context = Context.current();
  said.set(context, details);
  context.heartbeat(details);
}

/** A sign of life that loses nothing: what was said last, by this attempt or the one before, is repeated. */
export function repeatHeartbeat(context: Context): void {
  context.heartbeat(said.has(context) ? said.get(context) : context.info.heartbeatDetails);
}
