import type { FenceResult } from '../../activities/contract.ts';
import type { WiredComponent } from '../recovery-plan.ts';
import type { Acting, Question } from './acting.ts';
import type { Action } from './action.ts';

export const promoteDatabase: Action = {
  kinds: ['database'],
  steps: [
    {
      verb: 'fenceDatabase',
      does: 'Fence the old primary: take its lease, and prove that it can take no more writes. Without proof, ask at the gate "split-brain".',
    },
    { verb: 'promoteDatabase', does: 'Promote the standby, and measure what was lost.' },
  ],
  undo: {
    verb: 'returnDatabase',
    does: 'Rollback is a failback and needs its own approval. It discards the writes made since, unless the old primary has become a standby of the new one by then.',
  },
  look: 'Is the standby up, a standby, and on the timeline of the primary? How far behind is it? Who holds the lease?',
  provides: ['primary'],
  after: { capabilities: ['handed-over'], why: 'what was written until then would be lost' },
  pointOfNoReturn: true,
  needed: { by: 'move', why: 'nothing would take writes in the region that takes over' },
  does: promote,
};

async function promote(acting: Acting, database: WiredComponent): Promise<string> {
  const { to } = acting;
  await recordPrimary(acting, database);
  const fence = await fenced(acting, database);
  const downSince = acting.isRisked(database) ? null : acting.now();
  acting.passPointOfNoReturn();
  const step = { ...acting.step(database), lastKnown: fence.lastKnown, downSince };
  const promotion = await acting.call('promoteDatabase', step, {
    summary: `promote ${database.name} in ${to}`,
    budgeted: true,
  });
  acting.lost(database, promotion.dataLoss);
  return `${fence.detail}; ${promotion.detail}`;
}

/** Records which site is the primary, and how to make it that again. */
export async function recordPrimary(acting: Acting, database: WiredComponent): Promise<void> {
  const { from } = acting;
  await acting.record(database, {
    kind: 'returnDatabase',
    capture: async () => ({ detail: `${from} is the primary`, state: null }),
    summary: `make ${from} the primary again`,
  });
}

/**
 * Never two writers: without proof that the old primary is fenced, people decide whether to take the risk. What they
 * accept is what they were told: after an approval it is looked again, and asked again when that has changed.
 *
 * @throws while nothing can be promoted whatever people accept, which pauses the phase
 */
async function fenced(acting: Acting, database: WiredComponent): Promise<FenceResult> {
  const how = { summary: `fence ${database.name} in ${acting.from}`, budgeted: true };
  const fence = () => acting.call('fenceDatabase', acting.step(database), how);
  let known = await fence();
  if (!known.proved) {
    const obstacle = async () => {
      const accepted = known.evidence;
      known = await fence();
      if (!known.proved && known.obstacle !== null) throw acting.toBeMended(nothingToPromote(database, known.obstacle));
      return known.proved || known.evidence === accepted ? null : `not what was accepted: ${known.evidence}`;
    };
    const ask = () => riskOf(acting, database, known);
    await acting.ask(ask(), { askAgain: ask, obstacle });
  }
  acting.fenced(database, known.proved);
  return known;
}

function riskOf({ from, to }: Acting, { name }: WiredComponent, fence: FenceResult): Question {
  const asked =
    fence.obstacle === null
      ? 'Promote anyway and accept the risk of split brain?'
      : 'Promotion is blocked: the lease store does not answer. Approving retries once and promotes only if the lease can then be acquired.';
  return {
    name: 'split-brain',
    action: `accept the risk of split brain: promote ${name} in ${to}`,
    answers: {
      approve:
        fence.obstacle === null
          ? `${name} is promoted in ${to}; while ${from} still takes writes, there are two primaries`
          : `the fence is tried once more; ${name} is promoted only if the lease is acquired`,
      reject: 'the recovery ends as refused, and what was changed is put back',
    },
    question: `Fencing of ${from} is NOT confirmed: ${fence.evidence}. ${asked}`,
  };
}

/** What is in the way is mended outside; the next attempt looks again. */
const nothingToPromote = ({ name }: WiredComponent, obstacle: string) =>
  `${name} is not promoted, although the risk was accepted: ${obstacle}. Mend that, then retry`;
