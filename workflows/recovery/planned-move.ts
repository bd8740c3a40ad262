import { isCancellation } from '@temporalio/workflow';
import type { Step, StepResult } from '../../activities/contract.ts';
import type { ActionOf } from '../../plan/action-order.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { databaseOf, eachComponent, recordAsItIs, reversible } from './components.ts';
import { Ended } from './ended.ts';
import { change, stepOptions } from './proxies.ts';
import type { Runbook } from './recover.ts';
import type { Recovery } from './recovery.ts';
import { recordInverse } from './rollback.ts';
import { cutOverDns, invalidateCdn, promoteDatabase, rebuildCache, recordPrimary, repointWorkloads } from './steps.ts';
import { verify } from './verify.ts';

/** What moves between two regions that are both well have in common: all but how they are assessed and approved. */
export const PLANNED_MOVE: Runbook<Exclude<ActionOf<'switchover' | 'failback'>, 'assess' | 'approve'>> = {
  'rebuild-standby': eachComponent(rebuildStandby),
  'mirror-stream': eachComponent(mirrorStream),
  'scale-workloads': eachComponent(reversible('scaleWorkloads', 'captureWorkloads', 'restoreWorkloads')),
  'hand-over-database': eachComponent(handOverDatabase),
  'promote-database': eachComponent(promoteHandedOver),
  'promote-stream': eachComponent(promoteStream),
  'rejoin-analytics': eachComponent(rejoinAnalytics),
  'repoint-workloads': eachComponent(repointWorkloads),
  'register-targets': eachComponent(reversible('registerTargets', 'captureTargets', 'restoreTargets')),
  'cut-over-dns': cutOverDns,
  'rebuild-cache': eachComponent(rebuildCache),
  'invalidate-cdn': eachComponent(invalidateCdn),
  'rebuild-old-primary': eachComponent(rebuildOldPrimary),
  'mirror-stream-back': eachComponent(mirrorStreamBack),
  'stand-down-workloads': eachComponent(standDownWorkloads),
  verify,
};

/** The same step in the other direction: what is done in the region that is left. */
const otherWay = (step: Step): Step => ({ ...step, from: step.to, to: step.from });

async function rebuildStandby(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { from, to } = recovery.input;
  const options = stepOptions(`make ${database.name} in ${to} a standby of ${from}`, phase.budget);
  return (await change.rebuildStandby.executeWithOptions(options, [recovery.step(database)])).detail;
}

/** Clients wait from here on, and never for people: what does not succeed is withdrawn before the phase pauses. */
async function handOverDatabase(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { from } = recovery.input;
  await recordPrimary(recovery, database);
  try {
    return await stopAndCatchUp(recovery, database, phase);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const options = stepOptions(`let ${database.name} in ${from} take writes again`, null);
    const { detail } = await change.returnDatabase.executeWithOptions(options, [recovery.step(database)]);
    recovery.note(`the hand-over is withdrawn: ${detail}`);
    throw error;
  }
}

/** The standby must have all of the old primary's log before anything is promoted. */
async function stopAndCatchUp(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { from, to } = recovery.input;
  const handedOver = await change.handOverDatabase.executeWithOptions(
    stepOptions(`stop ${database.name} in ${from} in order`, phase.budget),
    [recovery.step(database)],
  );
  const waited = await change.awaitNoLag.executeWithOptions(
    stepOptions(`wait until ${to} has replayed all of ${from}`, phase.budget),
    [{ ...recovery.step(database), final: handedOver.final }],
  );
  recovery.handedOver.add(database.name);
  return `${handedOver.detail}; ${waited.detail}`;
}

/** What was not handed over is not promoted: a planned move loses nothing. */
async function promoteHandedOver(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { from } = recovery.input;
  if (!recovery.handedOver.has(database.name)) {
    throw new Ended('refused', `${database.name} was not handed over by ${from}: a planned move loses nothing`);
  }
  return await promoteDatabase(recovery, database, phase);
}

async function rebuildOldPrimary(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { from, to } = recovery.input;
  const options = stepOptions(`make ${database.name} in ${from} a standby of ${to}`, phase.budget);
  const result = await change.rebuildStandby.executeWithOptions(options, [otherWay(recovery.step(database))]);
  recovery.oldPrimaries.set(database.name, 'standby');
  recovery.returning = 'keeps';
  return result.detail;
}

async function mirrorStream(recovery: Recovery, stream: WiredComponent, phase: Phase): Promise<string> {
  const options = stepOptions(`mirror ${stream.name} into ${recovery.input.to}`, phase.budget);
  return (await change.mirrorStream.executeWithOptions(options, [recovery.step(stream)])).detail;
}

/** By now the source takes no more, so that the mirror can have all of it. */
async function promoteStream(recovery: Recovery, stream: WiredComponent, phase: Phase): Promise<string> {
  await recordAsItIs(recovery, stream, 'captureStream', 'restoreStream');
  const options = stepOptions(`${phase.name}: ${stream.name} in ${recovery.input.to}`, phase.budget);
  const step = { ...recovery.step(stream), upToDate: true };
  return (await change.promoteStream.executeWithOptions(options, [step])).detail;
}

async function mirrorStreamBack(recovery: Recovery, stream: WiredComponent, phase: Phase): Promise<string> {
  const options = stepOptions(`mirror ${stream.name} into ${recovery.input.from}`, phase.budget);
  return (await change.mirrorStream.executeWithOptions(options, [otherWay(recovery.step(stream))])).detail;
}

async function rejoinAnalytics(recovery: Recovery, analytics: WiredComponent, phase: Phase): Promise<string> {
  const step = recovery.step(analytics);
  const rejoin = (there: Step): Promise<StepResult> =>
    change.rejoinAnalytics.executeWithOptions(stepOptions(`let ${there.to} fetch again`, phase.budget), [there]);
  const results = await Promise.all([rejoin(step), rejoin(otherWay(step))]);
  return results.map(({ detail }) => detail).join('; ');
}

async function standDownWorkloads(recovery: Recovery, workloads: WiredComponent, phase: Phase): Promise<string> {
  const { from } = recovery.input;
  const { name } = workloads;
  await recordInverse(recovery, workloads, {
    kind: 'restoreWorkloads',
    capture: (step) =>
      change.captureWorkloads.executeWithOptions(stepOptions(`record ${name} in ${from}`, null), [step]),
    restore: (step) =>
      change.restoreWorkloads.executeWithOptions(stepOptions(`put ${name} in ${from} back`, null), [step]),
    label: `${name}-in-${from}`,
    step: otherWay(recovery.step(workloads)),
  });
  const result = await change.standDownWorkloads.executeWithOptions(
    stepOptions(`let ${name} in ${from} stand by`, phase.budget),
    [{ ...recovery.step(workloads), database: databaseOf(recovery, workloads) }],
  );
  return result.detail;
}
