import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import { type Action, databaseOf } from './action.ts';

export const rebuildCache: Action = {
  kinds: ['cache'],
  steps: [{ verb: 'rebuildCache', does: 'Empty the cache of the standby region and fill it from the new primary.' }],
  undo: { verb: null, does: 'The cache holds nothing of its own.' },
  look: 'Does the cache answer, and does the new primary? Skipping is safe: the cache fills by itself, slowly.',
  after: { capabilities: ['primary'], why: 'the standby may lack writes that the primary has' },
  does: rebuild,
};

async function rebuild(acting: Acting, cache: WiredComponent): Promise<string> {
  const { to } = acting;
  const step = { ...acting.step(cache), database: databaseOf(acting, cache) };
  const how = { summary: `rebuild ${cache.name} in ${to}`, budgeted: true, site: to };
  return (await acting.call('rebuildCache', step, how)).detail;
}
