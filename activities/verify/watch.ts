import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { milliseconds } from '../../plan/duration.ts';
import { rollbackReason } from '../../plan/rollback.ts';
import type { VerifyResult, Watched, WatchRequest, WatchResult } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { heartbeat } from '../heartbeat.ts';
import { verifyRound } from './round.ts';

const EVERY_MS = 500;

/** A run of green rounds in which nobody looked for longer than this is not unbroken. */
const UNSEEN_MS = 15_000;

/** A system that is well again is told of when it has been so for this long: one that comes and goes is not well. */
const STEADY_MS = 10_000;

/**
 * Verifies round after round. A rollback criterion acts when every round has met it for as long as the plan says, so that
 * one bad second undoes nothing; while the system is still waited for, only at the end of the time. It takes two rounds to
 * report that a system is not healthy any more, although one breaks its run. An attempt goes on from where the last one was.
 */
export async function watch(deps: Deps, request: WatchRequest): Promise<WatchResult> {
  const { cancellationSignal } = Context.current();
  const before = watchedBefore(request);
  const startedAt = performance.now();
  const watchedMs = () => before.watchedMs + performance.now() - startedAt;
  let { healthySince } = before;
  const held = holding(milliseconds(request.rollback.for));
  let wasHealthy = true;
  for (;;) {
    const at = new Date().toISOString();
    const round = await verifyRound(deps, request, watchedMs());
    healthySince = round.healthy ? (healthySince ?? at) : null;
    const watched = { watchedMs: watchedMs(), healthySince, lookedAt: at };
    heartbeat({ seen: inWords(round), progress: watched });
    const over = watched.watchedMs >= request.durationMs;
    const criterion = breachOf(round, request);
    const breach = held(criterion) && (over || request.until === 'end') ? criterion : null;
    const turned = hasTurned(request, watched, wasHealthy);
    wasHealthy = round.healthy;
    // A criterion that is met is watched until it has lasted, or is met no more.
    const done = (over && criterion === null) || turned || (request.until === 'healthy' && round.healthy);
    if (done || breach !== null) return { ...watched, healthy: round.healthy, over, breach, checks: round.checks };
    await sleep(EVERY_MS, undefined, { signal: cancellationSignal });
  }
}

/** Answers of each round's criterion whether one has been met in all rounds for that long: in two at the least. */
function holding(forMs: number): (criterion: string | null) => boolean {
  let since: number | null = null;
  return (criterion) => {
    const held = criterion !== null && since !== null && performance.now() - since >= forMs;
    since = criterion === null ? null : (since ?? performance.now());
    return held;
  };
}

/** Where this attempt goes on: from what the one before said last, or else from what the watch before told. */
function watchedBefore({ watched }: WatchRequest): Pick<Watched, 'watchedMs' | 'healthySince'> {
  const said = Context.current().info.heartbeatDetails as { progress?: Watched } | undefined;
  const last = said?.progress ?? watched;
  if (last === undefined) return { watchedMs: 0, healthySince: null };
  const unseen = Date.now() - Date.parse(last.lookedAt) > UNSEEN_MS;
  return { watchedMs: last.watchedMs, healthySince: unseen ? null : last.healthySince };
}

/** Is it otherwise, and surely so, than whoever asked believes? */
function hasTurned({ until, watched }: WatchRequest, now: Watched, wasHealthy: boolean): boolean {
  if (until !== 'end' || watched === undefined) return false;
  if (watched.healthySince !== null) return now.healthySince === null && !wasHealthy;
  return now.healthySince !== null && Date.parse(now.lookedAt) - Date.parse(now.healthySince) >= STEADY_MS;
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
