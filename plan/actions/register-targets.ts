import { type Action, reversible } from './action.ts';

export const registerTargets: Action = {
  kinds: ['load-balancer'],
  steps: [
    { verb: 'captureTargets', does: 'Record the registered targets.' },
    {
      verb: 'registerTargets',
      does: "Register the region's targets with its load balancer and wait until they are in.",
    },
  ],
  undo: { verb: 'restoreTargets', does: 'Put the recorded targets back.' },
  look: 'Which targets are unhealthy in the target group, and what does their health check say?',
  provides: ['targets-registered'],
  after: {
    capabilities: ['full-strength', 'workloads-pointed'],
    why: 'targets are healthy only once the workloads serve',
  },
  needed: { by: 'move', why: 'the load balancer of the region that takes over would have no targets' },
  ...reversible({ capture: 'captureTargets', act: 'registerTargets', restore: 'restoreTargets' }),
};
