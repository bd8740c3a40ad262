import { type Action, oneCall } from './action.ts';

export const rebuildStandby: Action = {
  kinds: ['database'],
  steps: [
    {
      verb: 'rebuildStandby',
      does: 'Make the database in the region to move to a standby of the primary, by its guard: as it is where that is enough, else by rewinding, else by copying everything; data from before is kept. Wait until it has caught up.',
    },
  ],
  undo: { verb: null, does: 'A standby harms nobody: it stays one.' },
  look: 'Does the guard there run, does it reach its store and the primary, and has its disk room for a copy? What it did last is in its log.',
  provides: ['standby-follows'],
  sites: 'both',
  needed: { by: 'return', why: 'after a failover it is no standby, and cannot be promoted' },
  does: oneCall('rebuildStandby', ({ from, to }, { name }) => `make ${name} in ${to} a standby of ${from}`),
};
