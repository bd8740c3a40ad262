import { type Action, reversible } from './action.ts';

export const scaleWorkloads: Action = {
  kinds: ['workloads'],
  steps: [
    { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads use.' },
    { verb: 'scaleWorkloads', does: 'Scale every deployment to full strength and wait until its pods are ready.' },
  ],
  undo: { verb: 'restoreWorkloads', does: 'Put the recorded replica counts back.' },
  look: 'Are pods pending or crashing? Has the cluster room for them?',
  provides: ['full-strength'],
  needed: { by: 'move', why: 'the region that takes over would have the strength of a standby' },
  ...reversible({ capture: 'captureWorkloads', act: 'scaleWorkloads', restore: 'restoreWorkloads' }),
};
