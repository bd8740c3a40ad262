import type { Action } from './action.ts';

export const verify: Action = {
  kinds: [],
  steps: [
    {
      verb: 'watchRecovery',
      does: 'Check that every name that was moved leads here, and ask every service by the name that clients use; keep asking through the watch period; judge the rollback criteria.',
    },
    { verb: 'compareLedger', does: 'In drills with a load generator: count acknowledged writes that are missing.' },
  ],
  undo: { verb: null, does: 'Nothing was changed.' },
  look: 'Which check fails is in `lifeboat status`.',
  skippable: false,
  does: 'verify',
};
