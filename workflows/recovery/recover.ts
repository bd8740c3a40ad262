import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { ACTIONS } from '../../plan/actions/index.ts';
import { leftOutText } from '../../plan/match-alert.ts';
import type { Report } from '../../plan/report.ts';
import { admit } from './admit.ts';
import { keepBreakGlass } from './break-glass.ts';
import { startCommunication } from './communication.ts';
import { conclude } from './conclude.ts';
import { listen } from './decisions.ts';
import { Ended, VerificationOrdered } from './ended.ts';
import { approversQuery, type RecoveryInput, type RecoveryStart, statusQuery } from './messages.ts';
import { runPhases } from './phases.ts';
import { Recovery } from './recovery.ts';
import { rollBack } from './rollback.ts';
import { runPhase } from './run-phase.ts';
import { tellStart } from './tell-incident.ts';
import { showDetails } from './visibility.ts';
import { startWatchdogs } from './watchdogs.ts';

/** One recovery from start to report: the phases forward, and back again where they must not stand. */
export async function recover(start: RecoveryStart): Promise<Report> {
  const input = await admit(start);
  const recovery = begin(input);
  recovery.changed = () => showDetails(recovery);
  setHandler(statusQuery, () => recovery.status(), { description: 'Everything there is to know of this recovery.' });
  setHandler(approversQuery, () => input.plan.approvers, { description: 'The approvers of its plan.' });
  CancellationScope.current().cancelRequested.catch(() => recovery.cancel());
  listen(recovery);
  recovery.say(`${input.scenario} ${input.from} -> ${input.to}, started by ${input.trigger}`);
  if (input.alertsLeftOut) recovery.note(`there are more alerts than are known${leftOutText(input.alertsLeftOut)}`);
  tellStart(recovery);
  const endNews = startCommunication(recovery);
  const endBreakGlass = keepBreakGlass(recovery);
  const final = await toTheEnd(recovery);
  endNews();
  return await CancellationScope.nonCancellable(async () => {
    const report = await conclude(recovery, final, endBreakGlass);
    await condition(allHandlersFinished);
    return report;
  });
}

/** @throws ApplicationFailure of what could never run: it ends the workflow, where any other error would hold the lock */
function begin(input: RecoveryInput): Recovery {
  try {
    return new Recovery(input);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'InvalidConfiguration');
  }
}

/** Forward, and back where the system must not stay; forward again where an approver has it verified in place of that. */
async function toTheEnd(recovery: Recovery): Promise<Ended> {
  for (let clocks = startWatchdogs; ; clocks = noClocks) {
    try {
      return await forward(recovery, clocks);
    } catch (error) {
      const ended = await backward(recovery, outcomeOf(recovery, error));
      if (ended !== null) return ended;
    }
  }
}

/** Who lets a recovery go on has overruled the criterion of its duration. */
const noClocks: typeof startWatchdogs = () => {};

/** The phases, the clocks beside them, and the means to stop both. */
async function forward(recovery: Recovery, startClocks: typeof startWatchdogs): Promise<Ended> {
  const scope = new CancellationScope();
  recovery.cancelForward = () => scope.cancel();
  try {
    await scope.run(async () => {
      startClocks(recovery);
      await runPhases(recovery, (phase, budget) => runPhase(recovery, phase, budget));
    });
  } finally {
    scope.cancel();
  }
  return arrived(recovery);
}

/** All phases are done or skipped. A system that nobody has verified is left where it is, and is no success. */
function arrived({ input: { plan, from, to }, scenario, phases, recoveredAt, left }: Recovery): Ended {
  if (recoveredAt !== null) return new Ended('recovered', `${plan.system} serves from ${to}; ${from} ${left}`);
  const verify = scenario.phases.find(({ action }) => ACTIONS[action]?.does === 'verify');
  const why = phases.find(({ name }) => name === verify?.name)?.detail ?? 'the plan does not have it verified';
  return new Ended('failed', `${plan.system} was moved to ${to} and not verified: ${why}; ${from} ${left}`);
}

function outcomeOf(recovery: Recovery, error: unknown): Ended {
  if (!(error instanceof Ended) && !isCancellation(error)) throw error;
  const { stop } = recovery;
  if (stop !== null) return new Ended(stop.kind === 'abort' ? 'aborted' : 'rolled-back', stop.reason);
  return error instanceof Ended ? error : new Ended('aborted', 'the workflow was cancelled in Temporal');
}

/**
 * Puts back what was changed; when people decide against it, the system stays as it is and the report says so.
 *
 * @returns null when an approver has it verified again in place of that
 */
async function backward(recovery: Recovery, ended: Ended): Promise<Ended | null> {
  recovery.goingBack = ended.message;
  try {
    await CancellationScope.nonCancellable(() => rollBack(recovery, ended.message));
    return ended;
  } catch (error) {
    if (error instanceof VerificationOrdered) {
      recovery.resume(error.message);
      return null;
    }
    if (!(error instanceof Ended)) throw error;
    const { to } = recovery.input;
    return new Ended('failed', `${ended.message}; not rolled back (${error.message}): the system stays in ${to}`);
  }
}
