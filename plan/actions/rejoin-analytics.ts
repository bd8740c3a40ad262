import type { Step } from '../../activities/contract.ts';
import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, otherWay } from './action.ts';

export const rejoinAnalytics: Action = {
  kinds: ['analytics'],
  steps: [
    {
      verb: 'rejoinAnalytics',
      does: 'Fetch from each other again in both regions, and wait until nothing is missing.',
    },
  ],
  undo: { verb: null, does: 'Both replicas take reads and inserts all the time.' },
  look: 'Do both servers answer, and their coordination service? Which parts are still to be fetched?',
  sites: 'both',
  does: rejoin,
};

async function rejoin(acting: Acting, analytics: WiredComponent): Promise<string> {
  const step = acting.step(analytics);
  const fetchAgain = (there: Step) =>
    acting.call('rejoinAnalytics', there, { summary: `let ${there.to} fetch again`, budgeted: true });
  const results = await Promise.all([fetchAgain(step), fetchAgain(otherWay(step))]);
  return results.map(({ detail }) => detail).join('; ');
}
