import { availableParallelism } from 'node:os';
import type { WorkerTuner } from '@temporalio/worker';

/**
 * Decisions only compute. When a fleet of systems fails over they take turns, and what ends while a system waits for its
 * turn is decided on at once: with 40 at a time on two cores, a fleet's histories grew by a third and its time by a quarter.
 */
const WORKFLOW_TASKS = Math.max(4, 2 * availableParallelism());

/** Always granted, however busy the machine is: several recoveries' steps at once, most of which only wait. */
const STEPS_AT_LEAST = 50;
const STEPS_AT_MOST = 1_000;

/** How many steps run at once depends on what the machine can bear; a recovery's own are never held back. */
export const slots: WorkerTuner = {
  workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: WORKFLOW_TASKS },
  activityTaskSlotSupplier: {
    type: 'resource-based',
    minimumSlots: STEPS_AT_LEAST,
    maximumSlots: STEPS_AT_MOST,
    tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 },
  },
  localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
  nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
};
