import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import type { Action } from './action.ts';

export const invalidateCdn: Action = {
  kinds: ['cdn'],
  steps: [{ verb: 'invalidateCdn', does: 'Throw away what the CDN has cached from the old region.' }],
  undo: { verb: null, does: 'What was thrown away is fetched again.' },
  look: 'Is the invalidation in progress? Skipping is safe once cached answers have expired.',
  after: { capabilities: ['names-moved'], why: 'the CDN would fetch from the old region again' },
  does: invalidate,
};

async function invalidate(acting: Acting, cdn: WiredComponent): Promise<string> {
  const how = { summary: `invalidate ${cdn.name}`, budgeted: true };
  return (await acting.call('invalidateCdn', acting.step(cdn), how)).detail;
}
