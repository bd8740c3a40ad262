import { ApplicationFailure } from '@temporalio/workflow';
import { milliseconds } from '../../plan/duration.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import { stepOptions, watch } from './proxies.ts';
import { iso, type Recovery } from './recovery.ts';

/** Until the system is healthy at first; the plan's budget for the phase when it has one. */
const DEFAULT_HEALTHY_WITHIN = '60s';

/**
 * Waits until every check is green, then watches that they stay so for as long as the plan says. The rollback
 * criteria act by themselves; anything else that is wrong pauses the phase for people.
 */
export async function verify(recovery: Recovery, phase: Phase): Promise<string> {
  const first = await watchFor(recovery, 'healthy', phase.budget ?? DEFAULT_HEALTHY_WITHIN);
  recovery.recoveredAt = first.at;
  recovery.note(`all checks are green; watching for ${recovery.scenario.watch}`);
  const last = await watchFor(recovery, 'end', recovery.scenario.watch);
  recovery.checks.push(...last.checks);
  return `all checks green for ${recovery.scenario.watch}`;
}

async function watchFor(recovery: Recovery, until: 'healthy' | 'end', duration: string) {
  const { plan, from, to } = recovery.input;
  const { rollback } = recovery.scenario;
  const summary = until === 'healthy' ? 'wait until every check is green' : `watch for ${duration}`;
  const seen = await watch.watchRecovery.executeWithOptions(stepOptions(summary, null), [
    {
      recovery: recovery.ref,
      plan,
      from,
      to,
      since: iso(Date.now()),
      until,
      durationMs: milliseconds(duration),
      rollback,
    },
  ]);
  if (seen.breach === null && seen.healthy) return { at: seen.healthySince ?? iso(Date.now()), checks: seen.checks };
  recovery.recoveredAt = null;
  recovery.checks.push(...seen.checks);
  if (seen.breach !== null) throw new Ended('rolled-back', seen.breach);
  const failing = seen.checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, detail }) => `${name} (${detail})`);
  throw ApplicationFailure.nonRetryable(`not healthy: ${failing.join(', ')}`, 'NotReached');
}
