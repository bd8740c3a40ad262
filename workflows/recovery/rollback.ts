import { CancellationScope } from '@temporalio/workflow';
import type { RestoreStep, Snapshot, Step } from '../../activities/contract.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import { passGate } from './gates.ts';
import { attempt } from './phases.ts';
import { type Inverse, type Recovery, waitingPhase } from './recovery.ts';

/**
 * Records what is there before it is changed, once: a second attempt would find the half-changed state and take it
 * for the truth.
 */
export async function recordInverse(
  recovery: Recovery,
  component: WiredComponent,
  capture: (step: Step) => Promise<Snapshot>,
  restore: (step: RestoreStep) => Promise<unknown>,
  { key = component.name, step = recovery.step(component) } = {},
): Promise<void> {
  if (recovery.inverses.some((inverse) => inverse.key === key)) return;
  const snapshot = await capture(step);
  recovery.inverses.push({ key, component: key, step, snapshot, restore: () => restore({ ...step, snapshot }) });
}

/**
 * Puts back what was recorded, newest first. Past the point of no return this loses what was written since, so it is
 * a failback and people decide on it first.
 */
export async function rollBack(recovery: Recovery, why: string): Promise<void> {
  const { from, to } = recovery.input;
  if (recovery.inverses.length === 0) return;
  if (recovery.pointOfNoReturnPassed) {
    await passGate(recovery, {
      name: 'failback',
      action: `failback ${to} -> ${from}`,
      question: `${why}. ${to} has taken writes since the promotion; going back to ${from} ${recovery.returning}.`,
    });
  }
  recovery.setState('rolling-back', `rolling back: ${why}`);
  await CancellationScope.nonCancellable(async () => {
    for (const inverse of [...recovery.inverses].reverse()) await restore(recovery, inverse);
  });
}

/** A phase like any other: it is shown, tried again, and pauses for people when it keeps failing. */
async function restore(recovery: Recovery, inverse: Inverse): Promise<void> {
  const status = waitingPhase({ name: `rollback-${inverse.component}` });
  recovery.phases.push(status);
  await attempt(recovery, status, async () => {
    await inverse.restore();
    return `put back: ${inverse.snapshot.detail}`;
  });
}
