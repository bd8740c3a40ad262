import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting } from './acting.ts';
import type { Action } from './action.ts';
import { recordPrimary } from './promote-database.ts';

export const handOverDatabase: Action = {
  kinds: ['database'],
  steps: [
    {
      verb: 'handOverDatabase',
      does: 'Stop writes: the guard of the old primary shuts it down in order, with all of its log sent.',
    },
    { verb: 'awaitNoLag', does: 'Wait until the standby has replayed that log to its very end.' },
  ],
  undo: { verb: 'returnDatabase', does: 'Withdraw it: the old primary takes writes again, and nothing is lost.' },
  look: 'Does the guard of the old primary run? How far has the standby replayed? Clients wait meanwhile: when in doubt, roll back.',
  provides: ['handed-over'],
  after: {
    capabilities: ['standby-follows', 'stream-mirrored', 'full-strength'],
    why: 'clients wait from then on, so whatever can be done before is done before',
  },
  sites: 'both',
  needed: { by: 'planned', why: 'a planned move loses nothing' },
  does: handOver,
};

/** Clients wait from here on, and never for people: what does not succeed is withdrawn before the phase pauses. */
async function handOver(acting: Acting, database: WiredComponent): Promise<string> {
  const { from } = acting;
  await recordPrimary(acting, database);
  try {
    return await stopAndCatchUp(acting, database);
  } catch (error) {
    if (acting.isCancellation(error)) throw error;
    const how = { summary: `let ${database.name} in ${from} take writes again` };
    const { detail } = await acting.call('returnDatabase', acting.step(database), how);
    acting.note(`the hand-over is withdrawn: ${detail}`);
    throw error;
  }
}

/** The standby must have all of the old primary's log before anything is promoted. */
async function stopAndCatchUp(acting: Acting, database: WiredComponent): Promise<string> {
  const { from, to } = acting;
  const handedOver = await acting.call('handOverDatabase', acting.step(database), {
    summary: `stop ${database.name} in ${from} in order`,
    budgeted: true,
  });
  const step = { ...acting.step(database), final: handedOver.final };
  const how = { summary: `wait until ${to} has replayed all of ${from}`, budgeted: true };
  const waited = await acting.call('awaitNoLag', step, how);
  return `${handedOver.detail}; ${waited.detail}`;
}
