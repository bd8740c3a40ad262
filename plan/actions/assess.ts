import type { Action } from './action.ts';

export const assess: Action = {
  kinds: [],
  steps: [
    {
      verb: 'observe',
      does: 'Probe both regions from every place that can: does the service answer, does the database, how far behind is the standby?',
    },
  ],
  undo: { verb: null, does: 'Nothing was changed.' },
  look: 'The facts are in `lifeboat status`. A probe that cannot tell says so: unknown is never read as good.',
  skippable: false,
  does: 'assess',
};
