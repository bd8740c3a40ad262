import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, databaseOf, otherWay } from './action.ts';

export const standDownWorkloads: Action = {
  kinds: ['workloads'],
  steps: [
    { verb: 'captureWorkloads', does: 'Record replica counts and the database that the workloads there use.' },
    {
      verb: 'standDownWorkloads',
      does: 'Point the workloads of the region that was left at the new primary, and scale them to the strength of a standby.',
    },
  ],
  undo: { verb: 'restoreWorkloads', does: 'Put the recorded replica counts and database back.' },
  look: 'Is the rollout there stuck? Skipping is safe: it costs pods that do nothing.',
  after: { capabilities: ['names-moved'], why: 'clients still come to the region before' },
  sites: 'both',
  does: standDown,
};

async function standDown(acting: Acting, workloads: WiredComponent): Promise<string> {
  const { from } = acting;
  const { name } = workloads;
  const step = acting.step(workloads);
  await acting.record(workloads, {
    kind: 'restoreWorkloads',
    capture: (there) => acting.call('captureWorkloads', there, { summary: `record ${name} in ${from}` }),
    summary: `put ${name} in ${from} back`,
    label: `${name}-in-${from}`,
    step: otherWay(step),
  });
  const request = { ...step, database: databaseOf(acting, workloads) };
  const how = { summary: `let ${name} in ${from} stand by`, budgeted: true };
  return (await acting.call('standDownWorkloads', request, how)).detail;
}
