import { randomUUID } from 'node:crypto';
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  type WorkflowClient,
  type WorkflowHandle,
} from '@temporalio/client';
import { isTaskFailed } from '../../../starter/temporal-call.ts';
import { verdictOf } from '../../../starter/update.ts';
import { type DecisionVerdict, decideUpdate } from '../../../workflows/recovery/messages.ts';

/** How long a test waits for what must come, and for one answer of the server. */
export const DEADLINE_MS = 30_000;
const ANSWER_MS = 3_000;

/**
 * Asks again until there is an answer: the test server never answers a query that meets a run just as it continues as
 * new, or cancels it, and now and then one that meets another of its tasks. What is asked must be the same however often it is asked.
 */
export async function answered<T>(client: WorkflowClient, ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await client.withDeadline(Date.now() + ANSWER_MS, ask);
    } catch (error) {
      const early = isEarly(error) || isTaskFailed(error);
      const unanswered = early || isGrpcDeadlineError(error) || isGrpcCancelledError(error);
      if (!unanswered || Date.now() > deadline) throw error;
    }
  }
}

/** A run answers nothing until it has read its plan; servers say so in different ways. */
const isEarly = (error: unknown): boolean => /did not register a handler/.test(`${error} ${(error as Error).cause}`);

/** Sends a signed decision, under an id of its own: sent twice it is still one Update. */
export async function sendDecision(handle: WorkflowHandle, signed: unknown): Promise<DecisionVerdict> {
  const updateId = randomUUID();
  const update = () => handle.executeUpdate(decideUpdate, { args: [signed as never], updateId });
  return await answered(handle.client, () => verdictOf(update));
}
