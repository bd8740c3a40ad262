import { condition, setHandler } from '@temporalio/workflow';
import { bothOf } from '../../plan/authority.ts';
import type { SignedDecision, Statement, Verb } from '../../plan/decision.ts';
import { because, type Decidable, decideOn, rejectHopeless, type Target } from '../signed-decisions.ts';
import { askAsOfNow, authorityNow } from './authority.ts';
import type { Gate } from './gates.ts';
import { type DecisionVerdict, decideUpdate, decisionSignals, type PhaseStatus } from './messages.ts';
import type { Recovery } from './recovery.ts';

/** Listens to people: by Update where the caller wants the answer, by signal from the Temporal UI and CLI. */
export function listen(recovery: Recovery): void {
  setHandler(decideUpdate, (decision) => decideAndAnswer(recovery, decision), {
    validator: (decision) => rejectHopeless(decidable(recovery), decision),
    description: 'A signed decision: approve, reject, abort, retry, skip or rollback. Answers whether it was accepted.',
  });
  for (const [verb, signal] of Object.entries(decisionSignals)) {
    const handler = async (decision: SignedDecision) => void (await decide(recovery, decision, verb as Verb));
    setHandler(signal, handler, { description: `A signed "${verb}", as printed by lifeboat ${verb} --print.` });
  }
}

const decide = (recovery: Recovery, decision: unknown, verb: Verb | null) =>
  decideOn(decidable(recovery), decision, verb);

/** So long an approver is kept waiting for whether the approval took effect; the CLI waits for five seconds. */
const ANSWER_WITHIN = '3s';

/** Who approves is told by the answer when the question is asked again: the facts had changed. */
async function decideAndAnswer(recovery: Recovery, decision: unknown): Promise<DecisionVerdict> {
  const taken: Gate[] = [];
  const verdict = await decideOn(
    decidable(recovery, (gate) => taken.push(gate)),
    decision,
    null,
  );
  const [gate] = taken;
  if (gate === undefined || gate.outcome !== 'approved') return verdict;
  const known = await condition(() => gate.withheld !== undefined, ANSWER_WITHIN);
  if (!known)
    return { ...verdict, detail: `${verdict.detail}; it is checked that the facts still hold, see the status` };
  if (gate.withheld === null) return verdict;
  return { ...verdict, askedAgain: true, detail: `${verdict.detail}; it does not take effect: ${gate.withheld}` };
}

/**
 * What people decide on while it runs.
 *
 * @param taken is given each gate at which a decision has counted
 */
export function decidable(recovery: Recovery, taken: (gate: Gate) => void = () => {}): Decidable {
  const { ref, approvals, usedNonces, input } = recovery;
  return {
    plan: input.plan,
    ref: { workflowId: ref.workflowId, runId: ref.runId },
    approvals,
    usedNonces,
    note: (text) => recovery.note(text),
    verify: (decision) => recovery.signatures.verify(decision),
    dropped: () => {
      recovery.droppedAttempts += 1;
    },
    targetOf: (statement) => targetOf(recovery, statement, taken),
  };
}

/** What the statement's verb and target mean just now; null when that is not open for a decision. */
function targetOf(recovery: Recovery, { verb, target }: Statement, taken: (gate: Gate) => void): Target | null {
  switch (verb) {
    case 'approve':
    case 'reject': {
      const gate = recovery.gates.find(({ name }) => name === target);
      return gate ? gateTarget(recovery, gate, taken) : null;
    }
    case 'retry':
    case 'skip': {
      const paused = recovery.phases.find(({ name, state }) => name === target && state === 'paused');
      if (paused) return orderTarget(recovery, paused, verb);
      const gate = recovery.gates.find(({ name, asked }) => name === target && asked.answers.retry !== undefined);
      return gate && verb === 'retry' ? verificationTarget(recovery, gate) : null;
    }
    case 'abort':
    case 'rollback':
      return target === 'recovery' ? stopTarget(recovery, verb) : null;
    default:
      return null;
  }
}

function gateTarget(recovery: Recovery, gate: Gate, taken: (gate: Gate) => void): Target {
  return {
    name: gate.name,
    action: gate.action,
    factsDigest: gate.digest,
    shownBefore: gate.digests,
    roles: bothOf(gate.requiredRoles, authorityNow(recovery).requiredRoles),
    take(statement, { identity, roles }) {
      askAsOfNow(recovery, gate);
      const who = identity ?? 'unknown';
      taken(gate);
      if (statement.verb === 'reject') return gate.reject(who, because(statement));
      return gate.approve({ identity: who, roles }, statement.factsDigest);
    },
  };
}

function orderTarget(recovery: Recovery, { name, notSkippable }: PhaseStatus, order: 'retry' | 'skip'): Target {
  const instead = recovery.goingBack === null ? 'retry it, or roll back' : 'retry it';
  const closed = `${name} proves or protects and cannot be skipped; ${instead}`;
  return {
    name,
    action: `${order} ${name}`,
    factsDigest: null,
    ...(order === 'skip' && notSkippable && { closed }),
    roles: authorityNow(recovery).requiredRoles,
    take(statement, { identity }) {
      recovery.orders.set(name, order);
      return `${order} of ${name} ordered by ${identity}${because(statement)}`;
    },
  };
}

/** What an executive has aborted goes on only by the word of one who may abort. */
function verificationTarget(recovery: Recovery, gate: Gate): Target {
  const { name } = gate;
  const aborted = recovery.stop?.kind === 'abort';
  return {
    name,
    action: `retry ${name}`,
    factsDigest: null,
    roles: aborted ? recovery.input.plan.authority.abort : gate.requiredRoles,
    take: (statement, { identity }) => gate.verifyAgain(identity ?? 'unknown', because(statement)),
  };
}

function stopTarget(recovery: Recovery, kind: 'abort' | 'rollback'): Target {
  const { abort } = recovery.input.plan.authority;
  const closed = notStopped(recovery) ?? (kind === 'abort' ? notAborted(recovery) : null);
  return {
    name: 'recovery',
    action: `${kind} ${recovery.input.scenario}`,
    factsDigest: null,
    ...(closed !== null && { closed }),
    roles: kind === 'abort' ? abort : authorityNow(recovery).requiredRoles,
    take(statement, { identity }) {
      const reason = `${kind} ordered by ${identity}${because(statement)}`;
      recovery.requestStop({ kind, reason });
      return reason;
    },
  };
}

/** Why it is too late to stop it, and what can be said instead; null while it goes forward. */
function notStopped({ outcome, goingBack, stop, gates, input }: Recovery): string | null {
  if (outcome !== null) return `it has ended: ${outcome}`;
  if (goingBack !== null) {
    const asks = gates.some(({ name }) => name === 'failback');
    const instead = asks
      ? `To leave the system in ${input.to}, reject at the gate "failback": npx lifeboat reject ${input.plan.system} --gate failback --reason "…"`
      : 'Paused rollback phases can be retried, and those that protect nothing skipped';
    return `rollback in progress: it cannot be aborted. ${instead}`;
  }
  return stop === null ? null : `it is being stopped already: ${stop.reason}`;
}

function notAborted({ input, scenario }: Recovery): string | null {
  if (scenario.rollback.executiveAbort) return null;
  return `the plan lets nobody abort its ${input.scenario}: executiveAbort is not among its rollback criteria`;
}
