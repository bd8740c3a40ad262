import { type Action, oneCall } from './action.ts';

export const mirrorStream: Action = {
  kinds: ['stream'],
  steps: [
    {
      verb: 'mirrorStream',
      does: 'Mirror the stream into the region to move to, where it is not mirrored, and wait until the mirror is up to date.',
    },
  ],
  undo: { verb: null, does: 'A mirror takes nothing from the stream: it stays.' },
  look: 'Do both stream servers answer, and does each reach the other?',
  provides: ['stream-mirrored'],
  sites: 'both',
  needed: { by: 'planned', why: 'one that took messages before is no mirror, and lacks what came since' },
  does: oneCall('mirrorStream', ({ to }, { name }) => `mirror ${name} into ${to}`),
};
