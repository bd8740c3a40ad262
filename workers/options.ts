import type { DataConverter } from '@temporalio/common';
import type { NativeConnection, WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../activities/contract.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { TASK_QUEUE } from '../workflows/recovery/messages.ts';
import { workflowBundle } from './bundle.ts';
import { keepAlive } from './keep-alive.ts';
import { logIds } from './log-ids.ts';
import { slots } from './slots.ts';

/**
 * Temporal gives a task to the poll that has waited longest. The open polls of a worker that froze therefore get the
 * attempts of the steps that others should run, each lost until its heartbeat times out; ten of them, the SDK's
 * default, use up all attempts of a step. An idle worker has one open, and more only while there is a backlog.
 */
const POLLS = { type: 'autoscaling', minimum: 1, initial: 1, maximum: 10 } as const;

interface WorkerSettings {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  activities: Activities;
  /** Plain when absent. */
  dataConverter?: DataConverter | undefined;
  /** Unversioned when absent. */
  deployment?: WorkerDeploymentOptions | undefined;
  tracing?: Tracing | null;
}

/** How a worker of one task queue runs; only the main queue has workflows. */
export async function workerOptions({
  taskQueue,
  activities,
  dataConverter,
  deployment,
  tracing,
  ...where
}: WorkerSettings): Promise<WorkerOptions> {
  const flavour = { encrypted: dataConverter !== undefined, traced: Boolean(tracing) };
  return {
    ...where,
    taskQueue,
    activities: { ...activities },
    ...(dataConverter && { dataConverter }),
    ...(deployment && { workerDeploymentOptions: deployment }),
    tuner: slots,
    activityTaskPollerBehavior: POLLS,
    workflowTaskPollerBehavior: POLLS,
    interceptors: { activity: [...(tracing ? [tracing.activity] : []), logIds, keepAlive] },
    ...(tracing && { sinks: tracing.sinks }),
    // A step under way may finish before the process goes; what does not finish is run again elsewhere.
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
    // After a crash, how long a workflow waits for the worker that had it in its cache.
    stickyQueueScheduleToStartTimeout: '2s',
    ...(taskQueue === TASK_QUEUE && { workflowBundle: await workflowBundle(flavour) }),
  };
}
