import type { Client } from '@temporalio/client';
import type { SignedDecision, Statement } from '../plan/decision.ts';
import { type DecisionVerdict, decideUpdate, type RecoveryStatus, TASK_QUEUE } from '../workflows/recovery/messages.ts';
import { DEFAULT_TIMEOUT_MS } from './client.ts';
import { StarterError } from './errors.ts';
import { signStatement } from './sign.ts';
import {
  type Approvers,
  approversText,
  findKey,
  fingerprintOf,
  identityOf,
  keyFromFile,
  type SigningKey,
} from './ssh-keys.ts';
import { DEFAULT_EXPIRES_MS, makeStatement, type Wish } from './statement.ts';
import { call } from './temporal-call.ts';
import { verdictOf } from './update.ts';

export interface Signer {
  /** Path of the key that signs, private or public with an agent; searched for when absent. */
  keyFile?: string | undefined;
  /** Who signs; the approver whose key it is when absent. */
  identity?: string | undefined;
  /** How long the signature is good for, in milliseconds. @default 10 minutes */
  expiresMs?: number | undefined;
}

export interface Decision extends Wish, Signer {}

export interface PreparedDecision {
  statement: Statement;
  signed: SignedDecision;
}

/** Signs a decision on what the status shows, without sending it. */
export function prepare(plan: Approvers, status: RecoveryStatus, decision: Decision): Promise<PreparedDecision> {
  return signFor(plan, decision, (signer) => makeStatement(status, decision, signer));
}

/** Signs what `make` makes, by the key that is named or found. */
export async function signFor(
  plan: Approvers,
  { keyFile, identity: asked, expiresMs = DEFAULT_EXPIRES_MS }: Signer,
  make: (signer: { identity: string; now: Date; expiresMs: number }) => Statement,
): Promise<PreparedDecision> {
  const draft = { now: new Date(), expiresMs };
  make({ identity: '', ...draft }); // Nobody should touch a key for what cannot be asked.
  const key = keyFile ? await keyFromFile(keyFile) : await findKey(plan);
  const identity = asked ?? identityOf(plan, key.publicKey);
  if (!identity) throw new StarterError('usage', ofNoApprover(plan, key));
  const statement = make({ identity, ...draft });
  return { statement, signed: await signStatement(statement, key) };
}

function ofNoApprover(plan: Approvers, { publicKey, file }: SigningKey): string {
  const key = `the key ${fingerprintOf(publicKey)}${file === null ? '' : ` (${file})`}`;
  return `${key} is of no approver of this plan. Sign with the key of one: ${approversText(plan)}; or say who you are with --as`;
}

/** Sends a signed decision by Update and answers the recovery's verdict. Sending it again changes nothing. */
export async function send(
  client: Client,
  { statement, signed }: PreparedDecision,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<DecisionVerdict> {
  const { workflowId, runId, nonce } = statement;
  const missing = `${workflowId} is not running any more`;
  return call({ client, timeoutMs, answeredBy: 'worker', missing, taskQueue: TASK_QUEUE }, () =>
    verdictOf(() =>
      client.workflow.getHandle(workflowId, runId).executeUpdate(decideUpdate, { args: [signed], updateId: nonce }),
    ),
  );
}

/** Signs and sends. `plan` says whose keys count; `status` is what the person saw when deciding. */
export async function decide(
  client: Client,
  plan: Approvers,
  status: RecoveryStatus,
  decision: Decision & { timeoutMs?: number },
): Promise<DecisionVerdict> {
  return send(client, await prepare(plan, status, decision), decision.timeoutMs);
}
