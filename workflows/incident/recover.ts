import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { type Direction, servesAfter } from '../../plan/direction.ts';
import { planRef } from '../../plan/recovery-plan.ts';
import type { Report } from '../../plan/report.ts';
import { usualDirection } from '../../plan/scenario.ts';
import type { ScenarioName } from '../../plan/schema.ts';
import { recoveryId } from '../incident-messages.ts';
import { DECIDES_WITHIN, type RecoveryStart, SCENARIO_WORKFLOWS } from '../recovery/messages.ts';
import type { recover } from '../recovery/recover.ts';
import { searchAttributes } from '../recovery/search-attributes.ts';
import type { Incident } from './state.ts';

export interface Order {
  scenario: ScenarioName;
  /** What or who starts it, for the report. */
  trigger: string;
  /** The rule by which it may start without approval; null asks for approval. */
  unattendedBy: string | null;
  /** Where it goes, where somebody said so; else as the scenario usually goes from where the system serves. */
  direction?: Direction;
  /** Who ordered it whatever the matrix says, and why. */
  ordered?: string;
}

/**
 * Starts the scenario as the system's one recovery: Temporal's one open run per id is the lock. It outlives the run of
 * the incident that started it.
 */
export async function startRecovery(incident: Incident, order: Order): Promise<void> {
  const { plan } = incident;
  const { scenario } = order;
  const workflowId = recoveryId(plan.system);
  const startedAt = new Date(Date.now()).toISOString();
  const start = recoveryStart(incident, order);
  try {
    const child = await startChild<typeof recover>(SCENARIO_WORKFLOWS[scenario], {
      workflowId,
      args: [start],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowTaskTimeout: DECIDES_WITHIN,
      typedSearchAttributes: searchAttributes({ system: plan.system, mode: plan.mode, scenario }),
      staticSummary: `${scenario} of ${plan.system}: ${start.from} -> ${start.to}`,
    });
    incident.awaitsReport = true;
    incident.started({ workflowId, runId: child.firstExecutionRunId, scenario, startedAt });
    void awaitReport(incident, scenario, child);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    incident.note('another recovery of this system is running already');
    incident.started({ workflowId, runId: null, scenario, startedAt });
  }
}

function recoveryStart(incident: Incident, order: Order): RecoveryStart {
  const { plan, book, memory } = incident;
  const { scenario, trigger, unattendedBy, ordered } = order;
  const direction = order.direction ?? usualDirection(plan, scenario, memory.direction);
  const since = memory.facts?.from === direction.from ? memory.facts.unreachableSince : null;
  return {
    plan: planRef(plan),
    scenario,
    ...direction,
    detectedAt: book.firingSince() ?? memory.openedAt,
    trigger,
    ...(unattendedBy !== null && { approval: 'not-required' as const, rule: unattendedBy }),
    ...(ordered !== undefined && { ordered }),
    ...(since != null && { unreachableSince: since }),
    ...(memory.escalated && { escalated: true }),
    ...(memory.leftOut > 0 && { alertsLeftOut: memory.leftOut }),
  };
}

/** Temporal itself answers how it ended; later runs of the incident look it up. */
async function awaitReport(
  incident: Incident,
  scenario: ScenarioName,
  child: ChildWorkflowHandle<typeof recover>,
): Promise<void> {
  const run = { workflowId: child.workflowId, runId: child.firstExecutionRunId };
  try {
    const report = (await child.result()) as Report;
    const { outcome, reason, approvals } = report;
    incident.ended({ ...run, scenario, outcome, reason, serves: servesAfter(report) });
    incident.memory.approvals.push(...approvals);
  } catch (error) {
    if (isCancellation(error) && !(error instanceof ChildWorkflowFailure)) return;
    const why = error instanceof ChildWorkflowFailure ? (error.cause?.message ?? error.message) : String(error);
    incident.ended({ ...run, scenario, outcome: 'failed', reason: `it left no report: ${why}`, serves: null });
  } finally {
    incident.awaitsReport = false;
  }
}
