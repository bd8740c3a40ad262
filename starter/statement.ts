import { randomBytes } from 'node:crypto';
import type { Statement, Verb } from '../plan/decision.ts';
import type { GateStatus, RecoveryStatus } from '../workflows/recovery/messages.ts';
import { StarterError } from './errors.ts';

/** What a person wants to say to a recovery. */
export interface Wish {
  verb: Verb;
  /** The gate or the phase; found out when there is only one that it can be. */
  target?: string | undefined;
  reason?: string | undefined;
}

/** How long a signed decision is good for unless told otherwise, in milliseconds. */
export const DEFAULT_EXPIRES_MS = 10 * 60_000;

/** Makes the statement to be signed, bound to the very run, plan and facts that the status shows. */
export function makeStatement(
  status: RecoveryStatus,
  wish: Wish,
  signer: { identity: string; now: Date; expiresMs: number },
): Statement {
  const about = { verb: wish.verb, ...aboutWhat(status, wish), reason: wish.reason ?? null };
  return freshStatement(status, about, signer);
}

/** A statement that nobody has seen before, bound to a run and its plan. */
export function freshStatement(
  { workflowId, runId, planHash }: Pick<Statement, 'workflowId' | 'runId' | 'planHash'>,
  about: Pick<Statement, 'verb' | 'target' | 'action' | 'factsDigest' | 'reason'>,
  signer: { identity: string; now: Date; expiresMs: number },
): Statement {
  return {
    type: 'lifeboat/decision/v1',
    workflowId,
    runId,
    planHash,
    ...about,
    identity: signer.identity,
    issuedAt: signer.now.toISOString(),
    expiresAt: new Date(signer.now.getTime() + signer.expiresMs).toISOString(),
    nonce: randomBytes(16).toString('hex'),
  };
}

/** Target, action and facts, in the very words that the recovery compares them with. */
export function aboutWhat(status: RecoveryStatus, wish: Wish): Pick<Statement, 'target' | 'action' | 'factsDigest'> {
  switch (wish.verb) {
    case 'approve':
    case 'reject': {
      const { name, action, factsDigest } = chooseGate(status, wish.target);
      return { target: name, action, factsDigest };
    }
    case 'retry':
    case 'skip': {
      const phase = wish.verb === 'retry' ? chooseRetry(status, wish.target) : choosePhase(status, wish.target);
      return { target: phase, action: `${wish.verb} ${phase}`, factsDigest: null };
    }
    default:
      return { target: 'recovery', action: `${wish.verb} ${status.scenario}`, factsDigest: null };
  }
}

/** The gate of that name, or the only one that is open. */
export function chooseGate(status: RecoveryStatus, name: string | undefined): GateStatus {
  const open = status.gates.map((gate) => gate.name);
  const gate = name ? status.gates.find((each) => each.name === name) : only(status.gates);
  if (gate) return gate;
  if (open.length === 0) throw new StarterError('refused', `${status.workflowId} has no open gate: ${status.summary}`);
  throw new StarterError('usage', `which gate? --gate ${open.join(' | ')}`);
}

/** The paused phase, or the gate at which the system may be verified again; by its name, or the only one. */
function chooseRetry(status: RecoveryStatus, target: string | undefined): string {
  const gates = status.gates.filter(({ answers }) => answers.retry !== undefined).map(({ name }) => name);
  const gate = target === undefined ? only(gates) : gates.find((name) => name === target);
  const paused = status.phases.some(({ state }) => state === 'paused');
  return gate !== undefined && !(target === undefined && paused) ? gate : choosePhase(status, target);
}

/** The paused phase of that name, or the only one. */
function choosePhase(status: RecoveryStatus, target: string | undefined): string {
  const paused = status.phases.filter(({ state }) => state === 'paused').map((phase) => phase.name);
  const phase = target ?? only(paused);
  if (phase && paused.includes(phase)) return phase;
  if (paused.length === 0)
    throw new StarterError('refused', `${status.workflowId} has no paused phase: ${status.summary}`);
  throw new StarterError('usage', `which phase? --phase ${paused.join(' | ')}`);
}

const only = <T>(list: T[]): T | undefined => (list.length === 1 ? list[0] : undefined);
