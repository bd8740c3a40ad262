import { metricMeter } from '@temporalio/workflow';
import type { Outcome } from '../../plan/report.ts';
import type { PhaseStatus } from './messages.ts';
import type { Recovery } from './recovery.ts';

/**
 * What recoveries tell Prometheus, through the SDK's own telemetry, which keeps silent while a history is replayed.
 * What is open just now is not told here, since a worker that restarts would forget it: see
 * workers/open-recoveries.ts. All metrics are explained in docs/production.md.
 */

/** A phase has ended: how long it took, and how much of its budget that was. */
export function measurePhase(recovery: Recovery, { name, actualSeconds, budgetSeconds }: PhaseStatus, outcome: string) {
  if (actualSeconds === null) return;
  const tags = { ...tagsOf(recovery), phase: name, outcome };
  histogram('lifeboat_phase_duration_seconds', 'Time that phases took.').record(actualSeconds, tags);
  if (budgetSeconds === null) return;
  const used = histogram('lifeboat_phase_budget_used_ratio', 'Time that phases took, as a part of their budgets.');
  used.record(actualSeconds / budgetSeconds, tags);
}

/** A phase has paused and waits for people. */
export function countPause(recovery: Recovery, phase: string): void {
  counter('lifeboat_phase_pauses', 'How often phases paused.').add(1, { ...tagsOf(recovery), phase });
}

/** A gate has closed; `seconds` is how long it was open. */
export function measureGate(recovery: Recovery, gate: string, decision: string, seconds: number): void {
  const tags = { ...tagsOf(recovery), gate, decision };
  histogram('lifeboat_gate_wait_seconds', 'Time that gates were open.').record(seconds, tags);
}

/** A recovery has ended. */
export function countOutcome(recovery: Recovery, outcome: Outcome): void {
  counter('lifeboat_recoveries', 'Recoveries by how they ended.').add(1, { ...tagsOf(recovery), outcome });
}

function tagsOf({ input: { plan, scenario } }: Recovery) {
  return { system: plan.system, scenario, mode: plan.mode };
}

const histogram = (name: string, help: string) => metricMeter.createHistogram(name, 'float', undefined, help);
const counter = (name: string, help: string) => metricMeter.createCounter(name, undefined, help);
