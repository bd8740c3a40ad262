import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import type { Action } from './action.ts';

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
  does: mirror,
};

async function mirror(acting: Acting, stream: WiredComponent): Promise<string> {
  const how = { summary: `mirror ${stream.name} into ${acting.to}`, budgeted: true };
  return (await acting.call('mirrorStream', acting.step(stream), how)).detail;
}
