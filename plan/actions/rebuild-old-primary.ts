import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, otherWay } from './action.ts';

export const rebuildOldPrimary: Action = {
  kinds: ['database'],
  steps: [
    {
      verb: 'rebuildStandby',
      does: 'Make the old primary a standby of the new one, by its guard, and wait until it has caught up.',
    },
  ],
  undo: { verb: null, does: 'Going back is lossless from here: the new primary hands over to its standby.' },
  look: 'Does the guard there run, and does it reach the new primary? Skipping is safe for clients: the system then has no standby.',
  after: { capabilities: ['primary'], why: 'there is no new primary to follow before' },
  sites: 'both',
  does: rebuild,
};

async function rebuild(acting: Acting, database: WiredComponent): Promise<string> {
  const { from, to } = acting;
  const how = { summary: `make ${database.name} in ${from} a standby of ${to}`, budgeted: true };
  const { detail } = await acting.call('rebuildStandby', otherWay(acting.step(database)), how);
  acting.follows(database);
  return detail;
}
