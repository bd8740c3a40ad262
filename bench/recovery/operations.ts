import type { Activities, Snapshot, Step } from '../../activities/contract.ts';
import type { Acting as Lent } from '../../plan/actions/acting.ts';
import { workOf } from '../../plan/actions/action.ts';
import { actionOf } from '../../plan/actions/index.ts';
import { milliseconds } from '../../plan/duration.ts';
import { componentsOf, type RecoveryPlan, type WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase, RollbackCriteria } from '../../plan/schema.ts';

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
  /** What was recorded before it was changed, by component and kind of change. */
  recorded: Map<string, Promise<Snapshot>>;
}

/** Something that can be done by itself: a chain of calls, each of which needs the one before. */
export type Operation = () => Promise<unknown>;

/** The phases of a failover from the approval to the green checks; who approves has assessed before. */
export function phasesOf({ scenarios }: RecoveryPlan): Phase[] {
  const phases = scenarios['region-failover']?.phases ?? [];
  return phases.filter(({ action }) => action !== 'assess' && action !== 'approve');
}

/**
 * What a phase does: one operation for each of its components. The calls are those that the workflow makes, waits and
 * records of what was there included, and nothing of what Temporal adds; a test holds them against the saved history.
 */
export function operationsOf(acting: Acting, { name, action, components, budget }: Phase): Operation[] {
  const known = actionOf(action);
  const { does } = known;
  if (does === 'verify') return [() => waitUntilHealthy(acting, milliseconds(budget ?? '60s'))];
  if (typeof does === 'string') throw new Error(`${name}: nothing is done for the action ${action}`);
  const work = workOf(known, does, lent(acting, name));
  return components.map((component) => () => work(componentNamed(acting, component)));
}

/** What the actions are lent in place of a recovery. */
function lent({ plan, recovery, recorded, from, to, call }: Acting, phase: string): Lent {
  const step = (component: WiredComponent) => ({ recovery, component, from, to });
  return {
    ...{ from, to, phase, step, call },
    component: (name) => componentNamed({ plan }, name),
    componentsOf: (kind) => componentsOf(plan, kind),
    has: () => false,
    async record(component, { kind, capture, label = component.name, step: there = step(component) }) {
      const key = `${label} ${kind}`;
      const recording = recorded.get(key) ?? capture(there);
      recorded.set(key, recording);
      await recording;
    },
    ask: async ({ question }) => Promise.reject(new Error(question)),
    passPointOfNoReturn() {},
    fenced() {},
    isRisked: () => false,
    lost() {},
    follows() {},
    note() {},
    facts: () => null,
    isCancellation: () => false,
    toBeMended: (message) => new Error(message),
    refusal: (message) => new Error(message),
    now: () => new Date().toISOString(),
  };
}

function componentNamed({ plan }: Pick<Acting, 'plan'>, name: string): WiredComponent {
  const component = plan.components[name];
  if (component === undefined) throw new Error(`the plan has no component ${name}`);
  return component;
}

async function waitUntilHealthy({ plan, recovery, from, to, call }: Acting, durationMs: number): Promise<void> {
  const rollback = plan.scenarios['region-failover']?.rollback as RollbackCriteria;
  const since = new Date().toISOString();
  const request = { recovery, plan, from, to, since, until: 'healthy' as const, durationMs, rollback };
  const { healthy, checks } = await call('watchRecovery', request);
  if (healthy) return;
  throw new Error(`not healthy: ${checks.flatMap(({ name, outcome }) => (outcome === 'passed' ? [] : [name])).join()}`);
}
