import type { Activities, RestoreStep, Snapshot, Step, StepResult } from '../../activities/contract.ts';
import { milliseconds } from '../../plan/duration.ts';
import type { RecoveryPlan, WiredComponent } from '../../plan/recovery-plan.ts';
import type { Action, Phase, RollbackCriteria } from '../../plan/schema.ts';

/** Calls one verb of the activities, by name. */
export type Call = <V extends keyof Activities>(
  verb: V,
  request: Parameters<Activities[V]>[0],
) => Promise<Awaited<ReturnType<Activities[V]>>>;

/** What a failover without an engine is given. */
export interface Acting {
  plan: RecoveryPlan;
  recovery: Step['recovery'];
  from: string;
  to: string;
  call: Call;
}

/** Something that can be done by itself: a chain of calls, each of which needs the one before. */
export type Operation = () => Promise<unknown>;

type Work = (acting: Acting, component: WiredComponent) => Promise<unknown>;

/** The names of verbs that take a step of one form and answer in one form. */
type VerbNamed<Request, Answer> = {
  [V in keyof Activities]: Activities[V] extends (request: Request) => Promise<Answer> ? V : never;
}[keyof Activities];

/**
 * What the region failover does to a component, action by action: the calls that the workflow makes, waits and records
 * of what was there included, and nothing of what Temporal adds. A test holds them against the saved history.
 */
const WORK: Partial<Record<Action, Work>> = {
  'promote-database': promoteDatabase,
  'promote-analytics': reversible('captureAnalytics', 'promoteAnalytics'),
  'promote-stream': reversible('captureStream', 'promoteStream'),
  'scale-workloads': reversible('captureWorkloads', 'scaleWorkloads'),
  'repoint-workloads': (acting, workloads) =>
    acting.call('repointWorkloads', { ...stepOf(acting, workloads), database: databaseOf(acting) }),
  'register-targets': reversible('captureTargets', 'registerTargets'),
  'rebuild-cache': (acting, cache) =>
    acting.call('rebuildCache', { ...stepOf(acting, cache), database: databaseOf(acting) }),
  'invalidate-cdn': (acting, cdn) => acting.call('invalidateCdn', stepOf(acting, cdn)),
};

/** The phases of a failover from the approval to the green checks; who approves has assessed before. */
export function phasesOf({ scenarios }: RecoveryPlan): Phase[] {
  const phases = scenarios['region-failover']?.phases ?? [];
  return phases.filter(({ action }) => action !== 'assess' && action !== 'approve');
}

/** What a phase does: one operation for each of its components. */
export function operationsOf(acting: Acting, { name, action, components, budget }: Phase): Operation[] {
  if (action === 'verify') return [() => waitUntilHealthy(acting, milliseconds(budget ?? '60s'))];
  if (action === 'cut-over-dns') return moveNames(acting, components);
  const work = WORK[action];
  if (work === undefined) throw new Error(`${name}: a failover does not know the action ${action}`);
  return components.map((component) => () => work(acting, componentNamed(acting, component)));
}

/** Each name by itself, the workloads confirmed once for all of them. */
function moveNames(acting: Acting, names: string[]): Operation[] {
  const workloads = Object.values(acting.plan.components).filter(({ kind }) => kind === 'workloads');
  const confirm = (each: WiredComponent) => acting.call('confirmWorkloads', stepOf(acting, each));
  let confirmed: Promise<unknown> | undefined;
  return names.map((name) => async () => {
    const step = stepOf(acting, componentNamed(acting, name));
    confirmed ??= Promise.all(workloads.map(confirm));
    await Promise.all([acting.call('captureDns', step), confirmed]);
    return await acting.call('cutOverDns', step);
  });
}

function stepOf({ recovery, from, to }: Acting, component: WiredComponent): Step {
  return { recovery, component, from, to };
}

function componentNamed({ plan }: Acting, name: string): WiredComponent {
  const component = plan.components[name];
  if (component === undefined) throw new Error(`the plan has no component ${name}`);
  return component;
}

function databaseOf({ plan }: Acting): WiredComponent {
  const database = Object.values(plan.components).find(({ kind }) => kind === 'database');
  if (database === undefined) throw new Error('the plan has no database');
  return database;
}

function reversible(
  capture: VerbNamed<Step, Snapshot>,
  act: Exclude<VerbNamed<Step, StepResult>, RestoringVerb>,
): Work {
  return async (acting, component) => {
    await acting.call(capture, stepOf(acting, component));
    return await acting.call(act, stepOf(acting, component));
  };
}

type RestoringVerb = VerbNamed<RestoreStep, StepResult> & `restore${string}`;

async function promoteDatabase(acting: Acting, database: WiredComponent): Promise<void> {
  const step = stepOf(acting, database);
  const { proved, evidence, lastKnown } = await acting.call('fenceDatabase', step);
  if (!proved) throw new Error(`the fence is not proved: ${evidence}`);
  await acting.call('promoteDatabase', { ...step, lastKnown, downSince: new Date().toISOString() });
}

async function waitUntilHealthy({ plan, recovery, from, to, call }: Acting, durationMs: number): Promise<void> {
  const rollback = plan.scenarios['region-failover']?.rollback as RollbackCriteria;
  const since = new Date().toISOString();
  const request = { recovery, plan, from, to, since, until: 'healthy' as const, durationMs, rollback };
  const { healthy, checks } = await call('watchRecovery', request);
  if (healthy) return;
  throw new Error(`not healthy: ${checks.flatMap(({ name, outcome }) => (outcome === 'passed' ? [] : [name])).join()}`);
}
