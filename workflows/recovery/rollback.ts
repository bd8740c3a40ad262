import { CancellationScope } from '@temporalio/workflow';
import type { Snapshot } from '../../activities/contract.ts';
import type { Compensation, Question } from '../../plan/actions/acting.ts';
import type { ComponentFacts, Facts } from '../../plan/facts.ts';
import type { WiredComponent } from '../../plan/recovery-plan.ts';
import { passGate } from './gates.ts';
import type { PhaseStatus } from './messages.ts';
import { observe } from './observe.ts';
import { attempt } from './phases.ts';
import { change, stepOptions } from './proxies.ts';
import { type Inverse, type Recovery, waitingPhase } from './recovery.ts';

/**
 * Records what is there before it is changed, once for a component and kind of change: a second attempt would find the
 * half-changed state and take it for the truth.
 */
export async function recordInverse(
  recovery: Recovery,
  component: WiredComponent,
  compensation: Compensation,
): Promise<void> {
  const { kind, summary, label = component.name, step = recovery.step(component) } = compensation;
  const snapshot = await snapshotOf(recovery, component, compensation);
  const changed = recovery.inverses.filter((inverse) => inverse.label === label);
  if (changed.some((inverse) => inverse.kind === kind)) return;
  const key = changed.length === 0 ? label : `${label}-${kind}`;
  recovery.inverses.push({ key, label, kind, step, snapshot, summary });
}

/** What is there, read once: phases that start together share it, and what could not be read is read again. */
export function snapshotOf(
  recovery: Recovery,
  component: WiredComponent,
  { kind, capture, label = component.name, step = recovery.step(component) }: Compensation,
): Promise<Snapshot> {
  const id = `${label} ${kind}`;
  const recording = recovery.recordings.get(id) ?? capture(step);
  recovery.recordings.set(id, recording);
  recording.catch(() => recovery.recordings.delete(id));
  return recording;
}

/**
 * Puts back what was recorded, newest first. Past the point of no return this loses what was written since, so it is
 * a failback and people decide on it first. Databases are then given back before anything else, so that clients stay
 * where they are served while that cannot be done, and what was promoted becomes a standby again.
 */
export async function rollBack(recovery: Recovery, why: string): Promise<void> {
  if (recovery.inverses.length === 0) return;
  const failsBack = recovery.pointOfNoReturnPassed;
  if (failsBack) await askToFailBack(recovery, why);
  recovery.say(`rolling back: ${why}`);
  const { inOrder, databases } = wayBack(recovery.inverses, failsBack);
  await CancellationScope.nonCancellable(async () => {
    for (const inverse of inOrder) await restore(recovery, inverse);
    for (const database of databases) await standByAgain(recovery, database);
  });
}

/**
 * Pure. The order in which what was recorded is put back, and each database that has to become a standby again after that:
 * however many kinds of change were recorded of it.
 */
export function wayBack(
  recorded: readonly Inverse[],
  failsBack: boolean,
): { inOrder: Inverse[]; databases: WiredComponent[] } {
  const newestFirst = [...recorded].reverse();
  const ofDatabases = failsBack ? newestFirst.filter(({ step }) => step.component.kind === 'database') : [];
  const databases = new Map(ofDatabases.map(({ step: { component } }) => [component.name, component]));
  return { inOrder: [...new Set([...ofDatabases, ...newestFirst])], databases: [...databases.values()] };
}

/**
 * Databases and names lead clients to where they are served, and what stood down must be at strength before they come
 * back: what is put back after it relies on it.
 */
const protects = ({ kind, step }: Inverse, { input: { from } }: Recovery): boolean =>
  LEADING.has(kind) || step.to === from;

const NO_SKIP = { notSkippable: true } as const;

const LEADING: ReadonlySet<string> = new Set(['returnDatabase', 'restoreDns']);

/**
 * The facts of the assessment are from before the promotion, so people see new ones. An approval takes effect only while
 * the region is there to go back to: until then clients are served where they are.
 */
async function askToFailBack(recovery: Recovery, why: string): Promise<void> {
  const { from, to } = recovery.input;
  const keeps = recovery.returning === 'keeps';
  const asked = (facts: Facts): Question => {
    const closed = noWayBack(facts);
    const now = [
      ...(closed === null ? [] : [`${closed}: there is no way back until that is repaired`]),
      ...degraded(facts),
    ];
    return {
      name: 'failback',
      action: `failback ${to} -> ${from}`,
      question: `${why.replace(/\.$/, '')}. ${to} has taken writes since the promotion; rolling back to ${from} ${recovery.returning} them.${now.map((each) => ` ${each}.`).join('')}`,
      answers: {
        approve:
          closed !== null
            ? `nothing while ${closed}: it is asked again`
            : `the system rolls back to ${from}, and the writes made in ${to} are ${keeps ? 'kept' : 'discarded'}`,
        reject: `the system stays in ${to} as it is, and the recovery ends as failed`,
        ...(!recovery.cancelled && {
          retry: `the system stays in ${to}: what is not done is done, and everything is verified; asks again if that fails`,
        }),
      },
      dataLoss: keeps
        ? `none: ${to} hands over to its standby in ${from}`
        : `every write made in ${to} since its promotion`,
    };
  };
  const obstacle = async () => {
    const closed = recovery.facts && noWayBack(recovery.facts);
    return closed ? `${closed}, so nothing can be given back to ${from}` : null;
  };
  await passGate(recovery, asked(await observe(recovery)), { askAgain: asked, obstacle });
}

/** Why clients cannot be led back; null when they can. */
function noWayBack(facts: Facts): string | null {
  if (facts.fromUnreachable) return `${facts.from} is unreachable`;
  const failing = oldWorkloads(facts, 'failing').map((each) => `${each} cannot serve`);
  return failing.length > 0 ? failing.join(' and ') : null;
}

const degraded = (facts: Facts) => oldWorkloads(facts, 'degraded').map((each) => `${each} are not at full strength`);

/** The workloads of the region that was left which are in such health: `workloads in us-east-1 (api: 0 of 6 pods ready)`. */
function oldWorkloads({ from, components = [] }: Facts, health: ComponentFacts['health']): string[] {
  const those = components.filter(
    (each) => each.kind === 'workloads' && each.region === from && each.health === health,
  );
  return those.map(({ component, detail }) => `${component} in ${from} (${detail})`);
}

/**
 * A phase like any other: it is shown, tried again, and pauses for people when it keeps failing. Its words are those of who
 * put back: not all can be made as it was, and then somebody has to know.
 */
async function restore(recovery: Recovery, inverse: Inverse): Promise<void> {
  const status = { ...waitingPhase({ name: `rollback-${inverse.key}` }), ...(protects(inverse, recovery) && NO_SKIP) };
  const { kind, step, snapshot, summary } = inverse;
  await goBack(recovery, status, async () => {
    const { detail } = await change[kind].executeWithOptions(stepOptions(summary, null), [{ ...step, snapshot }]);
    return detail;
  });
}

/** A system that has gone back is to be ready for the next disaster; the promoted database is aside, or as it ended. */
async function standByAgain(recovery: Recovery, database: WiredComponent): Promise<void> {
  const { from, to } = recovery.input;
  await goBack(recovery, waitingPhase({ name: `rollback-${database.name}-standby` }), async () => {
    const options = stepOptions(`make ${database.name} in ${to} a standby of ${from} again`, null);
    return (await change.rebuildStandby.executeWithOptions(options, [recovery.step(database)])).detail;
  });
}

async function goBack(recovery: Recovery, status: PhaseStatus, work: () => Promise<string>): Promise<void> {
  recovery.phases.push(status);
  await attempt(recovery, status, work);
}
