import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, databaseOf } from './action.ts';

export const repointWorkloads: Action = {
  kinds: ['workloads'],
  steps: [
    { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads use.' },
    {
      verb: 'repointWorkloads',
      does: 'Write the new primary into the database Secret and roll the deployments out.',
    },
  ],
  undo: { verb: 'restoreWorkloads', does: 'Put the recorded database back and roll out again.' },
  look: 'Is the rollout stuck? Do new pods reach the new primary?',
  provides: ['workloads-pointed'],
  after: { capabilities: ['primary'], why: 'there is no new primary to point at before' },
  needed: { by: 'move', why: 'it would go on using the database of the region that is left' },
  records: { capture: 'captureWorkloads', restore: 'restoreWorkloads' },
  does: repoint,
};

/** The workloads' location of the database is part of what scaling has recorded; it is put back with it. */
async function repoint(acting: Acting, workloads: WiredComponent): Promise<string> {
  const step = { ...acting.step(workloads), database: databaseOf(acting, workloads) };
  const summary = `point ${workloads.name} at the database in ${acting.to}`;
  return (await acting.call('repointWorkloads', step, { summary, budgeted: true })).detail;
}
