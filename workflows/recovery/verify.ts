import { ApplicationFailure } from '@temporalio/workflow';
import type { Watched, WatchRequest, WatchResult } from '../../activities/contract.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import type { Budget } from './phases.ts';
import { watch, watchOptions } from './proxies.ts';
import { iso, type Recovery } from './recovery.ts';

/** Until the system is healthy at first; the plan's budget for the phase when it has one. */
const DEFAULT_HEALTHY_WITHIN = '60s';

/**
 * Waits until every check is green, which is what the budget is for, then watches that they stay so for as long as the
 * plan says. The rollback criteria act by themselves; anything else that is wrong pauses the phase for people. While the
 * system is not seen to be well it does not count as recovered.
 */
export async function verify(recovery: Recovery, phase: Phase, budget: Budget): Promise<string> {
  const { watch: duration } = recovery.scenario;
  try {
    const first = await look(recovery, { until: 'healthy', durationMs: milliseconds(withinOf(phase)) });
    if (!first.healthy) throw notHealthy(first);
    recovery.recoveredAt = first.healthySince;
    budget.met(`all checks are green; watching for ${duration}`);
    const last = await watchToTheEnd(recovery, { ...first, watchedMs: 0 });
    return `all checks green since ${last.healthySince}; watched for ${duration}`;
  } catch (error) {
    recovery.recoveredAt = null;
    throw error;
  }
}

const withinOf = ({ budget }: Phase) => budget ?? DEFAULT_HEALTHY_WITHIN;

/** The system may cease to be well meanwhile, and be so again: what counts is the run of green checks at the end. */
async function watchToTheEnd(recovery: Recovery, { watchedMs, healthySince, lookedAt }: Watched): Promise<WatchResult> {
  let watched: Watched = { watchedMs, healthySince, lookedAt };
  const durationMs = milliseconds(recovery.scenario.watch);
  for (;;) {
    const seen = await look(recovery, { until: 'end', durationMs, watched });
    if (seen.over && !seen.healthy) throw notHealthy(seen);
    recovery.recoveredAt = seen.healthySince;
    if (seen.over) return seen;
    recovery.note(seen.healthy ? 'all checks are green again' : `not healthy any more: ${failing(seen)}`);
    watched = { watchedMs: seen.watchedMs, healthySince: seen.healthySince, lookedAt: seen.lookedAt };
  }
}

async function look(
  recovery: Recovery,
  how: Pick<WatchRequest, 'until' | 'durationMs' | 'watched'>,
): Promise<WatchResult> {
  const { plan, from, to } = recovery.input;
  const { rollback, watch: duration } = recovery.scenario;
  const summary = how.until === 'healthy' ? 'wait until every check is green' : `watch for ${duration}`;
  const request = { recovery: recovery.ref, plan, from, to, since: iso(Date.now()), ...how, rollback };
  const seen = await watch.watchRecovery.executeWithOptions(
    watchOptions(summary, how.durationMs + milliseconds(rollback.for)),
    [request],
  );
  recovery.checks = seen.checks;
  if (seen.breach !== null) throw new Ended('rolled-back', seen.breach);
  return seen;
}

const notHealthy = (seen: WatchResult) =>
  ApplicationFailure.nonRetryable(`not healthy: ${failing(seen)}`, 'NotReached');

function failing({ checks }: WatchResult): string {
  return checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, detail }) => `${name} (${detail})`)
    .join(', ');
}
