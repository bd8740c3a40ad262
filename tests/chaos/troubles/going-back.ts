import type { AwsBetween } from '../../../lab/breaking/aws.ts';
import { eventually } from '../../../lab/eventually.ts';
import { breakLab } from '../../../lab/faults.ts';
import type { Report } from '../../../plan/report.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { PRIMARY } from '../../support/lab/shape.ts';
import { throughBetween } from './aws.ts';
import { lookOutside, type Outside, unlessAsBefore, unlessServedBy } from './outside.ts';
import { toNodes } from './providers.ts';
import { disaster, firstOf, hasBegun, once, pausedPhase, type Stage, say, type Trouble } from './trouble.ts';

/** Failovers that people end by going back. */

const dead: AwsBetween['trouble'] = ({ service }) => (service === 's3' ? 'dead' : null);

/**
 * The store of the lease is not to be reached: nothing proves the fence, the recovery stops at its own gate, and people
 * do not take the risk. What had been changed by then is put back, but for the mirror of a stream whose source is lost: it
 * takes nothing, and what is to be done by hand is said.
 */
function unproved(stage: Stage): Promise<string | null> {
  return throughBetween(stage, async (between) => {
    const { lab } = stage;
    let before: Outside | null = null;
    let asked: string | null = null;
    const reject = once(async (status: RecoveryStatus) => {
      asked = status.gates.find(({ name }) => name === 'split-brain')?.question ?? null;
      // The others had the time to change something that must be put back.
      await say(lab, status, 'reject', 'split-brain');
      between.trouble = () => null;
    });
    const { report } = await disaster(stage, {
      leaves: ['split-brain'],
      async beforeDisaster() {
        before = await lookOutside(lab);
      },
      async meanwhile(status) {
        // From when people are asked: what they approve of has still been seen.
        if (status.gates.some(({ name }) => name === 'approve')) between.trouble = dead;
        const others = ['scale-up', 'promote-stream', 'promote-analytics'];
        const done = others.every((name) => status.phases.some((one) => one.name === name && one.state === 'done'));
        if (done && status.gates.some(({ name }) => name === 'split-brain')) await reject(status);
      },
    });
    return firstOf(
      !/is NOT confirmed: cannot read the lease/.test(asked ?? '') && `the gate asked: ${asked}`,
      report.outcome !== 'refused' && `${report.outcome}: ${report.reason}`,
      before && (await unlessAsBefore(lab, { ...(before as Outside), mirrors: null })),
      !/cannot make it a mirror again/.test(toldOf(report, 'rollback-events')) && toldOf(report, 'rollback-events'),
    );
  });
}

const toldOf = ({ phases }: Report, phase: string) => phases.find(({ name }) => name === phase)?.detail ?? 'nothing';

/**
 * Pods never get ready, and meanwhile the region that was lost is back: people go back to it. Past the promotion that is a
 * failback with an approval of its own.
 */
async function backToTheOldRegion(stage: Stage): Promise<string | null> {
  const { lab, signal } = stage;
  let before: Outside | null = null;
  let asked: string | null = null;
  const goBack = once(async (status: RecoveryStatus) => {
    await breakLab(lab, ['restore', PRIMARY]);
    toNodes(lab, 'SIGCONT');
    await say(lab, status, 'rollback', 'recovery');
  });
  const { report } = await disaster(stage, {
    async beforeDisaster() {
      before = await lookOutside(lab);
      toNodes(lab, 'SIGSTOP');
    },
    async meanwhile(status) {
      if (pausedPhase(status, 'scale-up') && hasBegun(status, 'promote-database')) await goBack(status);
      asked ??= status.gates.find(({ name }) => name === 'failback')?.question ?? null;
    },
  });
  const { names, replicas, database, targets, mirrors } = (before ?? {}) as Partial<Outside>;
  const now = await eventually({ what: 'a look from outside', withinMs: 20_000, signal }, () => lookOutside(lab));
  return firstOf(
    !/has taken writes since the promotion; rolling back to us-east-1 discards them/.test(asked ?? '') &&
      `the gate asked: ${asked}`,
    report.outcome !== 'rolled-back' && `${report.outcome}: ${report.reason}`,
    before && (await unlessAsBefore(lab, { ...now, names, replicas, database, targets, mirrors } as Outside)),
    await unlessServedBy(lab, PRIMARY, signal),
  );
}

export const goingBack: Trouble[] = [
  { name: 'the store of the lease is dead: stops at its gate, rejected, put back', endure: unproved },
  {
    name: `pods never get ready and ${PRIMARY} is back: people roll back, it serves again`,
    endure: backToTheOldRegion,
  },
];
