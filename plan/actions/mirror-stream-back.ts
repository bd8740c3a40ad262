import { type Action, oneCall, otherWay } from './action.ts';

export const mirrorStreamBack: Action = {
  kinds: ['stream'],
  steps: [{ verb: 'mirrorStream', does: 'Mirror the stream into the region that was left.' }],
  undo: { verb: null, does: 'A mirror takes nothing from the stream: it stays.' },
  look: 'Do both stream servers answer, and does each reach the other? Skipping is safe for clients: the stream then has no mirror.',
  after: {
    capabilities: ['stream-source', 'names-moved'],
    why: 'the stream of the region that is left still takes messages before',
  },
  sites: 'both',
  does: oneCall('mirrorStream', ({ from }, { name }) => `mirror ${name} into ${from}`, otherWay),
};
