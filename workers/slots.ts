import type { WorkerTuner } from '@temporalio/worker';

/** Decisions are quick; more at once than this is a fleet of systems failing over, and they take turns. */
const WORKFLOW_TASKS = 40;

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
