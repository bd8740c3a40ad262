import { type Action, reversible } from './action.ts';

export const promoteAnalytics: Action = {
  kinds: ['analytics'],
  steps: [
    { verb: 'captureAnalytics', does: 'Record the state of the replicas.' },
    { verb: 'promoteAnalytics', does: 'Stop fetching from the old region, and check that the tables are whole.' },
  ],
  undo: { verb: 'restoreAnalytics', does: 'Fetch from the old region again.' },
  look: 'Does the server in the standby region answer, and are its tables writable?',
  sites: 'one',
  ...reversible({ capture: 'captureAnalytics', act: 'promoteAnalytics', restore: 'restoreAnalytics' }),
};
