import { CancellationScope, condition, isCancellation, sleep, TemporalFailure } from '@temporalio/workflow';
import { actionOf } from '../../plan/actions/index.ts';
import type { PhaseReport } from '../../plan/report.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import type { PhaseStatus } from './messages.ts';
import { countPause, measurePhase } from './metrics.ts';
import { notice } from './notices.ts';
import { readable } from './readable.ts';
import { iso, type Recovery } from './recovery.ts';
import { showPhase } from './visibility.ts';

/** How a phase's work tells that what its budget is for is done. */
export interface Budget {
  /** From here on it only watches, as long as the plan says; the detail says so. That time is shown apart. */
  met(detail: string): void;
}

/** Does a phase's work and answers one readable sentence of what was done. */
export type PhaseWork = (phase: Phase, budget: Budget) => Promise<string>;

/**
 * Runs the phases in the order that their `needs` ask for, everything else at the same time. Settles only when
 * nothing runs any more; then throws the first reason for which it could not finish.
 */
export async function runPhases(recovery: Recovery, work: PhaseWork): Promise<void> {
  const { phases } = recovery.scenario;
  const started = new Map(phases.filter((phase) => settledBefore(recovery, phase)).map(nothingToDo));
  const start = (phase: Phase): Promise<void> => {
    const running =
      started.get(phase.name) ??
      afterNeeds(phase, phases, start).then(() =>
        attempt(recovery, recovery.phase(phase.name), (budget) => work(phase, budget)),
      );
    started.set(phase.name, running);
    return running;
  };
  const settled = await Promise.allSettled(phases.map(start));
  const reasons = settled.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  const first = reasons.find((reason) => reason instanceof Ended) ?? reasons[0];
  if (first) throw first;
}

/** A recovery that goes on after a rollback was called off does what is not done, and verifies in any case. */
function settledBefore(recovery: Recovery, { name, action }: Phase): boolean {
  const { state } = recovery.phase(name);
  return actionOf(action).does !== 'verify' && (state === 'done' || state === 'skipped');
}

const nothingToDo = ({ name }: Phase): [string, Promise<void>] => [name, Promise.resolve()];

async function afterNeeds(phase: Phase, phases: Phase[], start: (phase: Phase) => Promise<void>): Promise<void> {
  await Promise.all(phases.filter((other) => phase.needs.includes(other.name)).map(start));
}

/** Tries a phase until it is done or people skip it. A step that keeps failing pauses it; nothing is lost. */
export async function attempt(
  recovery: Recovery,
  status: PhaseStatus,
  work: (budget: Budget) => Promise<string>,
): Promise<void> {
  for (;;) {
    begin(recovery, status);
    try {
      finish(recovery, status, 'done', await withinBudget(recovery, status, work));
      return;
    } catch (error) {
      const order = await pause(recovery, status, reasonToPause(recovery, status, error));
      if (order === 'skip') return;
    }
  }
}

/** Why people must look at it; throws on what is not theirs to mend: cancellation, the end of the recovery, a bug. */
function reasonToPause(recovery: Recovery, status: PhaseStatus, error: unknown): string {
  if (isCancellation(error)) finish(recovery, status, 'cancelled', 'stopped before it was done');
  if (error instanceof Ended) end(recovery, status, error);
  if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
  return readable(error);
}

function begin(recovery: Recovery, status: PhaseStatus): void {
  status.state = 'running';
  status.attempts += 1;
  status.startedAt ??= iso(Date.now());
  showPhase(recovery, status.name);
}

function finish(recovery: Recovery, status: PhaseStatus, outcome: PhaseReport['outcome'], detail: string): void {
  status.state = outcome;
  status.detail = detail;
  status.finishedAt = iso(Date.now());
  const wholeSeconds = (Date.parse(status.finishedAt) - Date.parse(status.startedAt ?? status.finishedAt)) / 1000;
  status.actualSeconds = wholeSeconds - (status.watchSeconds ?? 0);
  measurePhase(recovery, status, outcome);
  recovery.note(`${status.name}: ${outcome} after ${tookOf(status)}; ${detail}`);
}

/** Formats actual time against budget, e.g. "4.7 s of 60 s". */
function tookOf({ actualSeconds, budgetSeconds }: PhaseStatus): string {
  const took = `${(actualSeconds ?? 0).toFixed(1)} s`;
  return budgetSeconds === null ? took : `${took} of ${budgetSeconds} s`;
}

/** One phase ends the recovery: what runs beside it is stopped. */
function end(recovery: Recovery, status: PhaseStatus, ended: Ended): void {
  finish(recovery, status, 'failed', ended.message);
  recovery.cancelForward();
}

/** A budget is a promise to people, not a limit: going over it is said aloud, and the work goes on. */
async function withinBudget(
  recovery: Recovery,
  status: PhaseStatus,
  work: (budget: Budget) => Promise<string>,
): Promise<string> {
  const clock = new CancellationScope();
  clock.run(() => sayWhenOver(recovery, status)).catch(() => {});
  const met = (detail: string) => {
    clock.cancel();
    status.watchingSince = iso(Date.now());
    status.detail = detail;
    recovery.note(detail);
  };
  try {
    return await work({ met });
  } finally {
    clock.cancel();
    endWatch(status);
  }
}

async function sayWhenOver(recovery: Recovery, { name, budgetSeconds }: PhaseStatus): Promise<void> {
  if (budgetSeconds === null) return;
  await sleep(budgetSeconds * 1000, { summary: `budget of ${name}` });
  recovery.note(`${name} is over its budget of ${budgetSeconds} s`);
}

/** Each attempt may have watched. */
function endWatch(status: PhaseStatus): void {
  const { watchingSince } = status;
  if (watchingSince === undefined) return;
  status.watchSeconds = (status.watchSeconds ?? 0) + (Date.now() - Date.parse(watchingSince)) / 1000;
  delete status.watchingSince;
}

/** Waits for people to say how a failing phase goes on. */
async function pause(recovery: Recovery, status: PhaseStatus, why: string): Promise<'retry' | 'skip'> {
  status.state = 'paused';
  status.detail = why;
  recovery.orders.delete(status.name);
  countPause(recovery, status.name);
  recovery.say(`${status.name} is paused: ${why}`);
  const { authority } = recovery.input.plan;
  notice(recovery, {
    kind: 'paused',
    roles: authority.escalate.slice(0, 1),
    subject: `${recovery.input.plan.system}: ${status.name} is paused`,
    text: `${why}\nIt waits for ${ordersFor(recovery, status)}.`,
  });
  await orderFor(recovery, status, why);
  const order = recovery.orders.get(status.name) as 'retry' | 'skip';
  if (order === 'skip') finish(recovery, status, 'skipped', `skipped by people after: ${why}`);
  else status.state = 'running';
  recovery.say(`${status.name}: ${order} was ordered`);
  return order;
}

/** What a paused phase can be ordered to do, e.g. `"retry", "skip" or "rollback"`. */
function ordersFor({ goingBack }: Recovery, { notSkippable }: PhaseStatus): string {
  const orders = ['"retry"', ...(notSkippable ? [] : ['"skip"']), ...(goingBack === null ? ['"rollback"'] : [])];
  return orders.join(', ').replace(/, ([^,]*)$/, ' or $1');
}

/** A phase that is stopped while it waits for people waits for them no more. */
async function orderFor(recovery: Recovery, status: PhaseStatus, why: string): Promise<void> {
  try {
    await condition(() => recovery.orders.has(status.name));
  } catch (error) {
    finish(recovery, status, 'cancelled', why);
    throw error;
  }
}
