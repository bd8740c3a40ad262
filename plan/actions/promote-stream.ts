import type { WiredComponent } from '../recovery-plan.ts';
import { streamRemarks } from '../stream-remarks.ts';
import type { Acting } from './acting.ts';
import type { Action } from './action.ts';

export const promoteStream: Action = {
  kinds: ['stream'],
  steps: [
    { verb: 'captureStream', does: 'Record the configuration of the mirror.' },
    { verb: 'promoteStream', does: 'Turn the mirror into a source that takes the subjects itself.' },
  ],
  undo: { verb: 'restoreStream', does: 'Make it a mirror again.' },
  look: 'Does the stream server in the standby region answer, and does the stream take its subjects?',
  provides: ['stream-source'],
  after: { capabilities: ['handed-over', 'stream-mirrored'], why: 'the mirror may lack what came last' },
  needed: { by: 'move', why: 'nothing would take messages in the region that takes over' },
  records: { capture: 'captureStream', restore: 'restoreStream' },
  does: promote,
};

/** Where it was mirrored by this recovery its source takes no more by now, so that the mirror can have all of it.
 * What a mirror does not take at all is named. */
async function promote(acting: Acting, stream: WiredComponent): Promise<string> {
  const step = { ...acting.step(stream), ...(acting.has('stream-mirrored', stream) && { upToDate: true }) };
  const summary = `${acting.phase}: ${stream.name} in ${acting.to}`;
  const { detail } = await acting.call('promoteStream', step, { summary, budgeted: true });
  const facts = acting.facts();
  return [detail, ...(facts === null ? [] : streamRemarks(facts, stream.name))].join('; ');
}
