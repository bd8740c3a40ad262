import { CancellationScope, sleep } from '@temporalio/workflow';
import { audiences, type Level, levelOf, nextUpdateMs, rolesOf } from '../../plan/communication.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { Outcome } from '../../plan/report.ts';
import { notice } from './notices.ts';
import type { Recovery } from './recovery.ts';

/**
 * Tells those whom the recovery's level names that it has started, and gives news as often as the level says, until
 * the recovery ends: while people decide, while a phase is paused, and on the way back.
 *
 * @returns what ends the news
 */
export function startCommunication(recovery: Recovery): () => void {
  const { plan, scenario, trigger } = recovery.input;
  const level = levelOf(plan.communication, scenario);
  for (const { roles, within } of level.start) {
    const subject = `${plan.system}: ${scenario} has started`;
    notice(recovery, { kind: 'started', roles, subject, text: `Started by ${trigger}.` }, milliseconds(within));
  }
  return giveNews(recovery, level);
}

/** Tells everybody how it ended; those whom the level names, by their time. */
export function tellOutcome(recovery: Recovery, outcome: Outcome, reason: string): void {
  const { plan, scenario } = recovery.input;
  const level = levelOf(plan.communication, scenario);
  const message = { kind: 'finished' as const, subject: `${plan.system}: ${outcome}`, text: reason };
  for (const { roles, within } of level.end) notice(recovery, { ...message, roles }, milliseconds(within));
  const timed = level.end.flatMap(({ roles }) => roles);
  const { inside, outside } = audiences(plan.communication, [
    ...new Set(plan.notifications.flatMap(({ roles }) => roles)),
  ]);
  // People outside hear of the end when they have heard of the beginning.
  const others = [...inside, ...outside.filter((role) => rolesOf(level).includes(role))];
  const roles = others.filter((role) => !timed.includes(role));
  if (roles.length > 0) notice(recovery, { ...message, roles });
}

/** The clocks outlive a cancellation of the workflow, since it still goes back then. */
function giveNews(recovery: Recovery, { updates }: Level): () => void {
  const clocks = updates.map(({ roles, every }) => {
    const scope = new CancellationScope();
    const run = () => scope.run(() => keepTelling(recovery, roles, milliseconds(every)));
    CancellationScope.nonCancellable(run).catch(() => {
      // The recovery has ended, and with it the news.
    });
    return scope;
  });
  return () => {
    for (const clock of clocks) clock.cancel();
  };
}

async function keepTelling(recovery: Recovery, roles: string[], everyMs: number): Promise<never> {
  const { system } = recovery.input.plan;
  for (;;) {
    const dueMs = nextUpdateMs(recovery.startedAtMs, everyMs, Date.now());
    await sleep(dueMs - Date.now(), { summary: `next update for ${roles.join(', ')}` });
    notice(recovery, { kind: 'update', roles, subject: `${system}: update`, text: recovery.summary });
  }
}
