import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { approvalActivities } from '../../activities/approval/index.ts';
import type { SignedDecision } from '../../plan/decision.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { Keys } from '../support/activities/approval/keys.ts';
import { depsOf } from '../support/activities/step.ts';
import { sendDecision } from '../support/workflows/ask.ts';
import { createFakes } from '../support/workflows/fakes.ts';
import {
  gateOpen,
  type Recovering,
  signedDecision,
  startFailover,
  startRealServer,
  statusWhen,
  teeiPlan,
  withWorkers,
} from '../support/workflows/harness.ts';
import type { Run } from './matrix.ts';

/** Signals that are under way at the same time. */
const AT_ONCE = 50;

/** What a sender without any key can make of an open gate. */
export interface Flooded {
  /** Signals that Temporal took; it takes 10,000 for one run of a workflow. */
  taken: number;
  refused: number;
  /** From sending a good approval, right after the last signal, until its answer. */
  answeredAfterMs: number;
  accepted: boolean;
  outcome: string;
  /** Well-formed forgeries among the signals, and the activities that verified them. */
  forged: number;
  verifications: number;
}

/**
 * Junk that is no envelope, an envelope that is no statement, a statement that is none of this gate; and in each fifth
 * signal a forgery that only its signature gives away: it names the run, the plan, the facts and an approver.
 */
const junkOf = (forged: SignedDecision): ((at: number) => unknown)[] => [
  () => null,
  () => 'x'.repeat(500),
  () => ({ statement: '{}', signature: 'x' }),
  () => ({ ...forged, statement: forged.statement.replace('"approve"', '"reject"') }),
  (at) => ({ ...forged, statement: forged.statement.replace(/("nonce":")[^"]+/, `$1${'n'.repeat(16)}${at}`) }),
];

const SRE = 'sre@lab.test';

/** Sends so many unsigned signals at a gate that waits for approval, then a good approval. OpenSSH verifies. */
export async function floodGate(env: TestWorkflowEnvironment, plan: RecoveryPlan, signals: number): Promise<Flooded> {
  const keys = await Keys.make('sre', 'forger');
  try {
    const approvers = [{ identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] }];
    return await floodWith(env, { ...plan, approvers }, keys, signals);
  } finally {
    await keys.remove();
  }
}

async function floodWith(env: TestWorkflowEnvironment, plan: RecoveryPlan, keys: Keys, signals: number) {
  const fakes = createFakes(approvalActivities(depsOf()));
  return await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    const status = await statusWhen(recovering, gateOpen('approve'));
    const approval = { verb: 'approve' as const, target: 'approve', identity: SRE };
    const { statement } = await signedDecision(env, status, approval);
    const junk = junkOf({ statement, signature: await keys.sign('forger', statement) });
    const { taken, refused } = await flood(recovering, junk, signals);
    const verifications = fakes.calls.filter((call) => call === 'verifySignatures').length;
    const sentAt = performance.now();
    const { statement: text } = await signedDecision(env, status, approval);
    const { accepted } = await sendDecision(recovering, { statement: text, signature: await keys.sign('sre', text) });
    const answeredAfterMs = Math.round(performance.now() - sentAt);
    const { outcome } = await recovering.result();
    const forged = Math.floor(taken / junk.length);
    return { taken, refused, forged, answeredAfterMs, accepted, outcome, verifications };
  });
}

async function flood(recovering: Recovering, junk: ReturnType<typeof junkOf>, signals: number) {
  const counts = { taken: 0, refused: 0 };
  let sent = 0;
  const send = async () => {
    while (sent < signals) {
      sent += 1;
      await recovering.signal('approve', junk[sent % junk.length]?.(sent)).then(
        () => {
          counts.taken += 1;
        },
        () => {
          counts.refused += 1;
        },
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  return counts;
}

/** Why a flood did harm; null when it did none. */
export function harmOf({ answeredAfterMs, accepted, outcome, verifications, forged }: Flooded): string | null {
  if (!accepted) return 'a good approval was refused';
  if (answeredAfterMs > 10_000) return `a good approval was answered after ${answeredAfterMs} ms`;
  if (verifications > forged / 4) return `${verifications} activities were started for ${forged} forgeries`;
  return outcome === 'recovered' ? null : `the recovery ended as ${outcome}`;
}

export async function* signalFloods(times: number): AsyncGenerator<Run> {
  const env = await startRealServer();
  try {
    for (let run = 1; run <= times; run++) {
      const flooded = await floodGate(env, await teeiPlan(), 30_000);
      const { taken, refused, forged, verifications, answeredAfterMs } = flooded;
      const signals = `${taken} taken (${forged} forged, ${verifications} verifications), ${refused} refused by Temporal`;
      const name = `signal flood ${run}: ${signals}, answered after ${answeredAfterMs} ms`;
      yield { name, struck: true, wrong: harmOf(flooded) };
    }
  } finally {
    await env.teardown();
  }
}
