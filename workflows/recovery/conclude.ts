import { notReplicatedRemarks } from '../../plan/not-replicated.ts';
import { dataLossVerdict, reconcileLoss, recoveryTimeVerdict } from '../../plan/objectives.ts';
import type { Outcome, PhaseReport, Report } from '../../plan/report.ts';
import { streamRemarks } from '../../plan/stream-remarks.ts';
import { tellOutcome } from './communication.ts';
import type { Ended } from './ended.ts';
import type { PhaseStatus } from './messages.ts';
import { countOutcome } from './metrics.ts';
import { leaveNotices } from './notices.ts';
import { keep, look, stepOptions } from './proxies.ts';
import { iso, type Recovery } from './recovery.ts';
import { tellEnd } from './tell-incident.ts';
import { showOutcome } from './visibility.ts';

/**
 * Ends the recovery: tells people, writes the report and stores it as evidence.
 *
 * @param endBreakGlass has it written down that nothing remains to be done by hand
 */
export async function conclude(
  recovery: Recovery,
  { outcome, message: reason }: Ended,
  endBreakGlass: () => Promise<void>,
): Promise<Report> {
  recovery.outcome = outcome;
  const { droppedAttempts } = recovery;
  if (droppedAttempts > 0)
    recovery.note(`${droppedAttempts} further attempts of unknown senders were refused and not kept`);
  recovery.say(reason);
  showOutcome(outcome);
  countOutcome(recovery, outcome);
  // Of a system that has gone back, or stayed where it was, the other region tells nothing; one that failed was moved.
  if (recovery.goingBack === null || outcome === 'failed') await countLostWrites(recovery);
  const { plan } = recovery.input;
  tellOutcome(recovery, outcome, reason);
  await leaveNotices(recovery);
  const report = buildReport(recovery, outcome, reason);
  const storing = keep.storeReport
    .executeWithOptions({ summary: 'keep the report as evidence' }, [{ plan, report }])
    .catch(() => null);
  const [stored] = await Promise.all([storing, endBreakGlass()]);
  await tellEnd(recovery);
  return { ...report, evidence: stored?.location ?? null };
}

async function countLostWrites(recovery: Recovery): Promise<void> {
  const { plan, from, to, detectedAt } = recovery.input;
  const request = { recovery: recovery.ref, plan, from, to, since: detectedAt };
  const counted = await look.compareLedger
    .executeWithOptions(stepOptions('compare acknowledged writes with the database', null), [request])
    .catch(() => null);
  recovery.lostAcknowledgedWrites = counted?.lostAcknowledgedWrites ?? null;
}

function buildReport(recovery: Recovery, outcome: Outcome, reason: string): Report {
  const { plan, scenario, from, to, detectedAt } = recovery.input;
  return {
    schemaVersion: 1,
    system: plan.system,
    environment: plan.environment,
    scenario,
    mode: plan.mode,
    outcome,
    reason,
    from,
    to,
    planHash: plan.hash,
    workflowId: recovery.ref.workflowId,
    runId: recovery.ref.runId,
    detectedAt,
    startedAt: iso(recovery.startedAtMs),
    recoveredAt: recovery.recoveredAt,
    finishedAt: iso(Date.now()),
    recoveryTime: recoveryTime(recovery),
    dataLoss: dataLoss(recovery),
    phases: recovery.phases.map(phaseReport),
    approvals: recovery.approvals,
    notifications: recovery.notifications,
    checks: recovery.checks,
    ...leftToDo(recovery),
    timeline: recovery.timeline,
    evidence: null,
  };
}

/** Of a recovery that promoted nothing, or went back, everything is where it was. */
function leftToDo({ facts, dataLoss: promoted, goingBack }: Recovery): Pick<Report, 'leftToDo'> {
  const moved = facts !== null && promoted !== null && goingBack === null;
  const lines = moved ? [...notReplicatedRemarks(facts), ...streamRemarks(facts)] : [];
  return lines.length === 0 ? {} : { leftToDo: lines };
}

function recoveryTime(recovery: Recovery): Report['recoveryTime'] {
  const objectiveSeconds = recovery.objectives.recoveryTimeSeconds;
  const { recoveredAt } = recovery;
  const detectedMs = Date.parse(recovery.input.detectedAt);
  const actualSeconds = recoveredAt === null ? null : (Date.parse(recoveredAt) - detectedMs) / 1000;
  const measured = { objectiveSeconds, actualSeconds, humanSeconds: recovery.humanMs() / 1000 };
  return { ...measured, met: recoveryTimeVerdict(measured).met };
}

function dataLoss(recovery: Recovery): Report['dataLoss'] {
  const objectiveSeconds = recovery.objectives.dataLossSeconds;
  const { dataLoss: measured, estimatedLossSeconds: estimatedSeconds, lostAcknowledgedWrites } = recovery;
  const { seconds: actualSeconds, method } =
    measured === null
      ? { seconds: null, method: 'not measured: no database was promoted' }
      : reconcileLoss({ ...measured, estimatedSeconds, lostAcknowledgedWrites });
  return {
    objectiveSeconds,
    actualSeconds,
    estimatedSeconds,
    bytes: measured?.bytes ?? null,
    lostAcknowledgedWrites,
    method,
    met: dataLossVerdict({ objectiveSeconds, actualSeconds }).met,
  };
}

function phaseReport({ state, watchingSince: _, notSkippable: __, ...phase }: PhaseStatus): PhaseReport {
  const running = state === 'waiting' || state === 'running' || state === 'paused';
  const unfinished = phase.attempts === 0 ? 'not-started' : 'cancelled';
  return { ...phase, outcome: running ? unfinished : state };
}
