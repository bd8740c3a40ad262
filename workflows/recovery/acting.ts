import { type ActivityOptions, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { Acting, AnswerOf, HowCalled, RequestOf, Verb } from '../../plan/actions/acting.ts';
import type { Capability } from '../../plan/actions/capability.ts';
import { ACTIONS } from '../../plan/actions/index.ts';
import { componentsOf, type WiredComponent } from '../../plan/recovery-plan.ts';
import type { Phase } from '../../plan/schema.ts';
import { Ended } from './ended.ts';
import { passGate } from './gates.ts';
import { regionTaskQueue } from './messages.ts';
import { change, stepOptions } from './proxies.ts';
import { iso, type Recovery } from './recovery.ts';
import { recordInverse } from './rollback.ts';

interface Callable<V extends Verb> {
  executeWithOptions(options: ActivityOptions, args: [RequestOf<V>]): Promise<AnswerOf<V>>;
}

/** What a recovery under Temporal lends the action of one of its phases. */
export function actingIn(recovery: Recovery, phase: Phase): Acting {
  const { from, to } = recovery.input;
  return {
    from,
    to,
    phase: phase.name,
    component: (name) => recovery.component(name),
    componentsOf: (kind) => componentsOf(recovery.input.plan, kind),
    step: (component) => recovery.step(component),
    has: (capability, component) => isProvided(recovery, capability, component),
    call: (verb, request, how) => call(optionsOf(recovery, phase, how), verb, request),
    record: (component, compensation) => recordInverse(recovery, component, compensation),
    ask: async (question, afterwards) => void (await passGate(recovery, question, afterwards)),
    passPointOfNoReturn() {
      recovery.pointOfNoReturnPassed = true;
    },
    fenced({ name }, proved) {
      if (!proved) recovery.risked.add(name);
      recovery.oldPrimaries.set(name, proved ? 'fenced' : 'unproved');
    },
    isRisked: ({ name }) => recovery.risked.has(name),
    lost(_database, loss) {
      recovery.dataLoss = loss;
      recovery.estimatedLossSeconds = recovery.facts?.expectedDataLossSeconds ?? null;
    },
    follows({ name }) {
      recovery.oldPrimaries.set(name, 'standby');
      recovery.returning = 'keeps';
    },
    facts: () => recovery.facts,
    note: (text) => recovery.note(text),
    isCancellation,
    toBeMended: (message) => ApplicationFailure.nonRetryable(message, 'NotReached'),
    refusal: (message) => new Ended('refused', message),
    now: () => iso(Date.now()),
  };
}

function optionsOf(
  { input: { plan } }: Recovery,
  { budget }: Phase,
  { site, summary, budgeted }: HowCalled,
): ActivityOptions {
  const queue = site === undefined ? undefined : regionTaskQueue(plan, site);
  return stepOptions(summary, budgeted === true ? budget : null, queue);
}

async function call<V extends Verb>(options: ActivityOptions, verb: V, request: RequestOf<V>): Promise<AnswerOf<V>> {
  const { executeWithOptions } = change[verb] as unknown as Callable<V>;
  return await executeWithOptions(options, [request]);
}

/** A phase that was skipped has provided nothing. */
export function isProvided(recovery: Recovery, capability: Capability, { name }: WiredComponent): boolean {
  return recovery.scenario.phases.some(
    (phase) =>
      ACTIONS[phase.action]?.provides?.includes(capability) &&
      phase.components.includes(name) &&
      recovery.phase(phase.name).state === 'done',
  );
}
