import { hostname } from 'node:os';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities/contract.ts';
import type { Call } from './operations.ts';

/** What the workflows allow a step without a budget. */
const STEP_MS = 600_000;

/** One call as it went. */
export interface Called {
  verb: string;
  component: string | null;
  startedMs: number;
  completedMs: number;
}

/**
 * Calls activities as plain functions in this process. They ask for their context, so they are given one, which nobody
 * reads: no task, no queue, no heartbeat that is sent anywhere.
 */
export function inProcess(activities: Activities): { call: Call; calls: Called[] } {
  const calls: Called[] = [];
  const call: Call = async (verb, request) => {
    const context = { activityType: verb, taskQueue: hostname(), startToCloseTimeoutMs: STEP_MS };
    const { component = null } = request as { component?: { name: string } };
    const startedMs = Date.now();
    const answer = await new MockActivityEnvironment(context).run(activities[verb] as never, request);
    calls.push({ verb, component: component?.name ?? null, startedMs, completedMs: Date.now() });
    return answer as never;
  };
  return { call, calls };
}
