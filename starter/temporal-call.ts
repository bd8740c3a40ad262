import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { addressOf } from './client.ts';
import { StarterError } from './errors.ts';
import { describePollers } from './pollers.ts';

/** gRPC status codes that are told apart here (https://grpc.io/docs/guides/status-codes/). */
const GRPC = {
  CANCELLED: 1,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};

/** How often to ask again where a run cannot answer yet. */
const AGAIN_MS = 50;

export interface Call {
  client: Client;
  timeoutMs: number;
  /** Who must answer: Temporal alone (describe, start, signal), or a worker as well (query, update). */
  answeredBy: 'server' | 'worker';
  /** What is not there when Temporal says that it is not, in one sentence. */
  missing: string;
  /** Which task queue the answering worker should poll. */
  taskQueue: string;
}

/** Runs one request to Temporal within its deadline. Every failure becomes a `StarterError` that a person can read. */
export async function call<T>(options: Call, request: () => Promise<T>): Promise<T> {
  const began = Date.now();
  try {
    return await options.client.withDeadline(began + options.timeoutMs, () =>
      onceReady(request, began + options.timeoutMs),
    );
  } catch (error) {
    throw await readable(options, error, Date.now() - began);
  }
}

/**
 * A run answers nothing until it has read its plan, moments after its start; and no Update while it works off a flood of
 * signals, of which Temporal ends its workflow tasks.
 */
async function onceReady<T>(request: () => Promise<T>, deadlineMs: number): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const early = error instanceof QueryNotRegisteredError || isTaskFailed(error);
      if (!early || Date.now() + AGAIN_MS >= deadlineMs) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

async function readable(options: Call, error: unknown, waitedMs: number): Promise<unknown> {
  if (error instanceof StarterError) return error;
  if (error instanceof WorkflowNotFoundError) return new StarterError('nothing-running', options.missing, error);
  if (error instanceof QueryNotRegisteredError) {
    const message =
      'it has not read its plan yet; see in the Temporal UI whether a worker holds that version (PlanUnknown)';
    return new StarterError('no-worker', message, error);
  }
  if (isNamespaceMissing(error)) {
    const { namespace } = options.client.options;
    return new StarterError(
      'namespace-missing',
      `Temporal at ${addressOf(options.client)} has no namespace "${namespace}"; set TEMPORAL_NAMESPACE`,
      error,
    );
  }
  const code = grpcCode(error);
  if (code === GRPC.UNAVAILABLE) return unreachable(options, error);
  if (code === GRPC.UNAUTHENTICATED || code === GRPC.PERMISSION_DENIED) {
    return new StarterError(
      'unreachable',
      `Temporal at ${addressOf(options.client)} refuses the credentials of this client`,
      error,
    );
  }
  if (isNoPoller(error, code) || isTaskFailed(error)) return noWorker(options, error, waitedMs);
  if (!isTimeout(error)) return error;
  return options.answeredBy === 'worker' ? noWorker(options, error, waitedMs) : unreachable(options, error);
}

function unreachable({ client }: Call, cause: unknown): StarterError {
  const message = `Temporal at ${addressOf(client)} cannot be reached; check TEMPORAL_ADDRESS`;
  return new StarterError('unreachable', message, cause);
}

/**
 * When Temporal cannot say who polls either, it is not the worker that is missing. How long was waited is said as it was:
 * Temporal gives up on a query after 30 s, whatever the deadline.
 */
async function noWorker(options: Call, cause: unknown, waitedMs: number): Promise<StarterError> {
  const { client, taskQueue } = options;
  const pollers = await describePollers(client, taskQueue);
  if (pollers === null) return unreachable(options, cause);
  const what = `no worker answered within ${waitedMs} ms on task queue "${taskQueue}" (${pollers.text})`;
  const advice = pollers.alive ? 'it is busy, or has just died: try again' : 'start one with "npm run worker"';
  return new StarterError('no-worker', `${what}; ${advice}`, cause);
}

/** The gRPC status code of an error or of its cause; undefined when it is of another kind. */
export function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? undefined : grpcCode(cause);
}

function isNamespaceMissing(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return grpcCode(error) === GRPC.NOT_FOUND && /namespace/i.test(String((error as Error).cause ?? error));
}

function isNoPoller(error: unknown, code: number | undefined): boolean {
  return code === GRPC.FAILED_PRECONDITION && /no poller/i.test(`${error} ${(error as Error).cause}`);
}

/** @returns whether a run takes no Update, since its workflow task failed several times */
export function isTaskFailed(error: unknown): boolean {
  return (
    grpcCode(error) === GRPC.FAILED_PRECONDITION && /Workflow Task in failed state/i.test(`${(error as Error).cause}`)
  );
}

function isTimeout(error: unknown): boolean {
  if (isGrpcDeadlineError(error) || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return grpcCode(error) === GRPC.CANCELLED;
}
