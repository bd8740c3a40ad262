import type { Action } from './action.ts';

export const approve: Action = {
  kinds: [],
  steps: [
    {
      verb: 'verifySignatures',
      does: 'Show the facts and wait for signed approvals. When the facts drift beyond the plan, ask again.',
    },
  ],
  undo: { verb: null, does: 'Nothing was changed.' },
  look: 'Whose approval is missing is in `lifeboat status`.',
  skippable: false,
  does: 'decide',
};
