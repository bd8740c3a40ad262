import { type Action, oneCall } from './action.ts';

export const invalidateCdn: Action = {
  kinds: ['cdn'],
  steps: [{ verb: 'invalidateCdn', does: 'Throw away what the CDN has cached from the old region.' }],
  undo: { verb: null, does: 'What was thrown away is fetched again.' },
  look: 'Is the invalidation in progress? Skipping is safe once cached answers have expired.',
  after: { capabilities: ['names-moved'], why: 'the CDN would fetch from the old region again' },
  does: oneCall('invalidateCdn', (_, { name }) => `invalidate ${name}`),
};
