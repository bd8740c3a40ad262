import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, reversible } from './action.ts';

export const cutOverDns: Action = {
  kinds: ['dns'],
  steps: [
    { verb: 'captureDns', does: 'Record what the names answer.' },
    {
      verb: 'confirmWorkloads',
      does: 'Confirm that the workloads have the pods that they were scaled to; set a count that was lowered meanwhile again.',
    },
    {
      verb: 'cutOverDns',
      does: 'Move the records, wait until the name servers answer the new address, and until the old one has expired at resolvers.',
    },
  ],
  undo: { verb: 'restoreDns', does: 'Put the recorded answers back.' },
  look: 'What do the authoritative name servers answer? Resolvers keep the old answer for the time to live of the record.',
  provides: ['names-moved'],
  after: {
    capabilities: ['primary', 'stream-source', 'full-strength', 'workloads-pointed', 'targets-registered'],
    why: 'clients would come to a region that cannot serve them',
  },
  needed: { by: 'move', why: 'clients would stay with the region that is left' },
  before: confirmWorkloads,
  ...reversible({ capture: 'captureDns', act: 'cutOverDns', restore: 'restoreDns' }),
};

/** Names move only to where the workloads can serve by now. */
async function confirmWorkloads(acting: Acting): Promise<void> {
  const confirm = async (workloads: WiredComponent) => {
    const summary = `confirm that ${workloads.name} in ${acting.to} can serve`;
    const step = acting.step(workloads);
    const { changed, detail } = await acting.call('confirmWorkloads', step, { summary, budgeted: true });
    if (changed) acting.note(`the names wait: ${detail}`);
  };
  await Promise.all(acting.componentsOf('workloads').map(confirm));
}
