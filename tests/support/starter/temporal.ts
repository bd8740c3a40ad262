import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { planActivities } from '../../../activities/plans/index.ts';
import { heldPlans } from '../../../workers/held-plans.ts';
import { TASK_QUEUE } from '../../../workflows/recovery/messages.ts';
import { SEARCH_ATTRIBUTES } from '../../../workflows/recovery/search-attributes.ts';
import { developmentServer } from '../workflows/start-server.ts';

/** A Temporal dev server of its own, on loopback; `registered: false` leaves out the search attributes. */
export function temporalServer({ registered = true } = {}): Promise<TestWorkflowEnvironment> {
  return developmentServer({
    log: { format: 'pretty', level: 'never' },
    ...(registered ? { searchAttributes: SEARCH_ATTRIBUTES } : {}),
  });
}

/** Runs the fake workflows while `work` does. */
export async function withWorker<T>(env: TestWorkflowEnvironment, work: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    activities: planActivities(heldPlans(process.env)),
    workflowsPath: join(import.meta.dirname, 'workflows.ts'),
  });
  return worker.runUntil(work);
}
