import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { rollbackReason } from '../../plan/rollback.ts';
import type { VerifyResult, WatchRequest, WatchResult } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { heartbeat } from '../heartbeat.ts';
import { verifyRound } from './round.ts';

const EVERY_MS = 500;

/**
 * Verifies round after round. A rollback criterion acts when two rounds in a row meet it, so that one lost packet
 * undoes nothing; while the system is still waited for, only at the end of the time.
 */
export async function watch(deps: Deps, request: WatchRequest): Promise<WatchResult> {
  const { cancellationSignal } = Context.current();
  const startedAt = performance.now();
  const deadline = Date.now() + request.durationMs;
  let healthySince: string | null = null;
  let suspected = false;
  for (;;) {
    const at = new Date().toISOString();
    const round = await verifyRound(deps, request, performance.now() - startedAt);
    heartbeat(inWords(round));
    healthySince = round.healthy ? (healthySince ?? at) : null;
    const criterion = breachOf(round, request);
    const over = Date.now() >= deadline;
    const breach = suspected && (over || request.until === 'end') ? criterion : null;
    suspected = criterion !== null;
    // A suspicion at the end of the time gets one more round.
    const done = (over && !suspected) || (request.until === 'healthy' && round.healthy);
    if (done || breach !== null) return { healthy: round.healthy, healthySince, breach, checks: round.checks };
    await sleep(EVERY_MS, undefined, { signal: cancellationSignal });
  }
}

/** How long the recovery takes is watched by the workflow, which knows the time that people took. */
function breachOf({ criticalFailing, customerErrorsPercent }: VerifyResult, { rollback }: WatchRequest): string | null {
  return rollbackReason(rollback, {
    criticalServicesFailing: criticalFailing.length,
    elapsedSeconds: null,
    customerErrorsPercent,
  });
}

function inWords({ healthy, checks }: VerifyResult): string {
  if (healthy) return 'all green';
  const wrong = checks.filter(({ outcome }) => outcome !== 'passed');
  return wrong.map(({ name, outcome }) => `${name} ${outcome}`).join(', ');
}
