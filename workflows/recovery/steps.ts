import type { Snapshot } from '../../activities/contract.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { databaseOf, eachComponent, recordAsItIs, reversible } from './components.ts';
import { fenceDatabase } from './fence.ts';
import { regionTaskQueue } from './messages.ts';
import { change, stepOptions } from './proxies.ts';
import { iso, type Recovery } from './recovery.ts';
import { recordInverse } from './rollback.ts';

/** What more than one scenario does to a component. */

export async function promoteDatabase(recovery: Recovery, database: WiredComponent, phase: Phase): Promise<string> {
  const { to } = recovery.input;
  await recordPrimary(recovery, database);
  const fence = await fenceDatabase(recovery, database, phase);
  const downSince = recovery.risked.has(database.name) ? null : iso(Date.now());
  if (phase.pointOfNoReturn) recovery.pointOfNoReturnPassed = true;
  const promotion = await change.promoteDatabase.executeWithOptions(
    stepOptions(`promote ${database.name} in ${to}`, phase.budget),
    [{ ...recovery.step(database), lastKnown: fence.lastKnown, downSince }],
  );
  recovery.dataLoss = promotion.dataLoss;
  recovery.estimatedLossSeconds = recovery.facts?.expectedDataLossSeconds ?? null;
  recovery.promoted.add(database.name);
  return `${fence.detail}; ${promotion.detail}`;
}

/** Records which region is the primary, and how to make it that again. */
export async function recordPrimary(recovery: Recovery, database: WiredComponent): Promise<void> {
  const { from } = recovery.input;
  const primaryIsFrom = async (): Promise<Snapshot> => ({ detail: `${from} is the primary`, state: null });
  await recordInverse(recovery, database, {
    kind: 'returnDatabase',
    capture: primaryIsFrom,
    restore: (step) =>
      change.returnDatabase.executeWithOptions(stepOptions(`make ${from} the primary again`, null), [step]),
  });
}

/** The workloads' location of the database is part of what scaling has recorded; it is put back with it. */
export async function repointWorkloads(recovery: Recovery, workloads: WiredComponent, phase: Phase): Promise<string> {
  const { to } = recovery.input;
  await recordAsItIs(recovery, workloads, 'captureWorkloads', 'restoreWorkloads');
  const result = await change.repointWorkloads.executeWithOptions(
    stepOptions(`point ${workloads.name} at the database in ${to}`, phase.budget),
    [{ ...recovery.step(workloads), database: databaseOf(recovery, workloads) }],
  );
  return result.detail;
}

const moveNames = eachComponent(reversible('cutOverDns', 'captureDns', 'restoreDns'));

/** Names move only to where the workloads can serve by now. What the names answer is recorded meanwhile. */
export async function cutOverDns(recovery: Recovery, phase: Phase): Promise<string> {
  const workloads = Object.values(recovery.input.plan.components).filter(({ kind }) => kind === 'workloads');
  await Promise.all([
    ...workloads.map((component) => confirmWorkloads(recovery, component, phase)),
    ...phase.components.map((name) => recordAsItIs(recovery, recovery.component(name), 'captureDns', 'restoreDns')),
  ]);
  return await moveNames(recovery, phase);
}

async function confirmWorkloads(recovery: Recovery, workloads: WiredComponent, { budget }: Phase): Promise<void> {
  const options = stepOptions(`confirm that ${workloads.name} in ${recovery.input.to} can serve`, budget);
  const { changed, detail } = await change.confirmWorkloads.executeWithOptions(options, [recovery.step(workloads)]);
  if (changed) recovery.note(`the names wait: ${detail}`);
}

export async function rebuildCache(recovery: Recovery, cache: WiredComponent, phase: Phase): Promise<string> {
  const { to } = recovery.input;
  const result = await change.rebuildCache.executeWithOptions(
    stepOptions(`rebuild ${cache.name} in ${to}`, phase.budget, regionTaskQueue(to)),
    [{ ...recovery.step(cache), database: databaseOf(recovery, cache) }],
  );
  return result.detail;
}

export async function invalidateCdn(recovery: Recovery, cdn: WiredComponent, phase: Phase): Promise<string> {
  const options = stepOptions(`invalidate ${cdn.name}`, phase.budget);
  return (await change.invalidateCdn.executeWithOptions(options, [recovery.step(cdn)])).detail;
}
