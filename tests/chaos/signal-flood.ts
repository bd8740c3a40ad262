import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { SignedDecision } from '../../plan/decision.ts';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { createFakes } from '../support/workflows/fakes.ts';
import {
  decide,
  gateOpen,
  type Recovering,
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
  /** Activities that the junk started. */
  verifications: number;
}

/** Junk that is no envelope, an envelope that is no statement, and a statement that any client can copy, unsigned. */
const junkOf = (signed: SignedDecision): unknown[] => [
  null,
  'x'.repeat(500),
  { statement: '{}', signature: 'x' },
  { statement: signed.statement.replace('approve', 'reject'), signature: 'x' },
];

/** Sends so many unsigned signals at a gate that waits for approval, then a good approval. */
export async function floodGate(env: TestWorkflowEnvironment, plan: RecoveryPlan, signals: number): Promise<Flooded> {
  const fakes = createFakes();
  return await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await statusWhen(recovering, gateOpen('approve'));
    const junk = junkOf({ statement: JSON.stringify({ verb: 'approve', nonce: randomUUID() }), signature: 'x' });
    const { taken, refused } = await flood(recovering, junk, signals);
    const verifications = fakes.calls.filter((call) => call === 'verifySignature').length;
    const sentAt = performance.now();
    const { accepted } = await decide(env, recovering, gateOpen('approve'), { verb: 'approve', target: 'approve' });
    const answeredAfterMs = Math.round(performance.now() - sentAt);
    const { outcome } = await recovering.result();
    return { taken, refused, answeredAfterMs, accepted, outcome, verifications };
  });
}

async function flood(recovering: Recovering, junk: unknown[], signals: number) {
  const counts = { taken: 0, refused: 0 };
  let sent = 0;
  const send = async () => {
    while (sent < signals) {
      sent += 1;
      await recovering.signal('approve', junk[sent % junk.length]).then(
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
export function harmOf({ answeredAfterMs, accepted, outcome, verifications }: Flooded): string | null {
  if (!accepted) return 'a good approval was refused';
  if (answeredAfterMs > 10_000) return `a good approval was answered after ${answeredAfterMs} ms`;
  if (verifications > 0) return `${verifications} activities were started for junk`;
  return outcome === 'recovered' ? null : `the recovery ended as ${outcome}`;
}

export async function* signalFloods(times: number): AsyncGenerator<Run> {
  const env = await startRealServer();
  try {
    for (let run = 1; run <= times; run++) {
      const flooded = await floodGate(env, await teeiPlan(), 30_000);
      const { taken, refused, answeredAfterMs } = flooded;
      const name = `signal flood ${run}: ${taken} taken, ${refused} refused by Temporal, answered after ${answeredAfterMs} ms`;
      yield { name, struck: true, wrong: harmOf(flooded) };
    }
  } finally {
    await env.teardown();
  }
}
