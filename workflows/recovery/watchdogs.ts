import { condition, sleep } from '@temporalio/workflow';
import { milliseconds } from '../../plan/duration.ts';
import { rollbackReason } from '../../plan/rollback.ts';
import { notice } from './notices.ts';
import type { Recovery } from './recovery.ts';

/** Starts the clocks that run beside the phases. They end with the scope they are started in. */
export function startWatchdogs(recovery: Recovery): void {
  background(atHalfOfObjective(recovery));
  const limit = recovery.scenario.rollback.recoveryTime;
  if (limit !== undefined) background(rollBackAt(recovery, milliseconds(limit)));
}

/**
 * As clients count: from the first alert on, and while people think at gates. What an incident has done is not repeated.
 * A system that ceases to be well later than that is news as well.
 */
async function atHalfOfObjective(recovery: Recovery): Promise<void> {
  const { detectedAt, escalated } = recovery.input;
  if (escalated) return;
  const leftMs = Date.parse(detectedAt) + (recovery.objectives.recoveryTimeSeconds * 1000) / 2 - Date.now();
  if (leftMs > 0) await sleep(leftMs, { summary: 'half of the recovery time objective' });
  await condition(() => recovery.recoveredAt === null);
  escalate(recovery);
}

/** What goes wrong after that, in a system that had been recovered by then, is for the other criteria and for people. */
async function rollBackAt(recovery: Recovery, limitMs: number): Promise<void> {
  await machineTime(recovery, limitMs, 'rollback criterion: recovery time');
  if (recovery.recoveredAt === null) overTime(recovery);
}

/** A cancelled clock is one whose recovery has ended. */
function background(clock: Promise<void>): void {
  clock.catch(() => {});
}

/** Returns when the recovery has taken this long, the time of people at gates not counted. */
async function machineTime(recovery: Recovery, limitMs: number, summary: string): Promise<void> {
  for (;;) {
    const leftMs = limitMs - recovery.machineMs();
    if (leftMs <= 0) return;
    await sleep(leftMs, { summary });
    await condition(() => recovery.gates.length === 0);
  }
}

function escalate(recovery: Recovery): void {
  const { plan } = recovery.input;
  const text = `Half of the recovery time objective has gone and the system is not recovered. ${recovery.summary}`;
  recovery.note(text);
  notice(recovery, { kind: 'escalation', roles: plan.authority.escalate, subject: `${plan.system}: escalation`, text });
}

function overTime(recovery: Recovery): void {
  const elapsedSeconds = recovery.machineMs() / 1000;
  const reason = rollbackReason(recovery.scenario.rollback, {
    criticalServicesFailing: null,
    customerErrorsPercent: null,
    elapsedSeconds,
  });
  if (reason !== null) recovery.requestStop({ kind: 'rollback', reason });
}
