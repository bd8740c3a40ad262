import type { Lab } from '../../../lab/lab.ts';
import type { RecoveryStatus } from '../../../workflows/recovery/messages.ts';
import { PodBlocker, standbyCluster } from '../pod-blocker.ts';
import { lookOutside } from './outside.ts';
import { firstOf, gameday, once, type Stage, type Trouble, unlessRecovered } from './trouble.ts';

/** Pods of the standby region that are kept from coming, or taken away, while clients are about to be led to them. */

const WANTED = 6;

const isDone = ({ phases }: RecoveryStatus, name: string) =>
  phases.some((phase) => phase.name === name && phase.state === 'done');

const wordsOf = ({ steps = [] }: RecoveryStatus) => steps.map(({ words }) => words).join('; ');

async function open(lab: Lab): Promise<PodBlocker> {
  return new PodBlocker(await standbyCluster(lab));
}

/** Of a webhook that is dead, `status` has the words; another writer lowers the count meanwhile, and no name moves. */
async function deniedAndLowered(stage: Stage): Promise<string | null> {
  const { lab } = stage;
  const blocker = await open(lab);
  let before: string[][] = [];
  let moved: string | null = 'the status never named the webhook';
  const lift = once(async () => {
    await blocker.setCount(2);
    await blocker.raisedAgain(WANTED);
    const { names } = await lookOutside(lab);
    moved = JSON.stringify(names) === JSON.stringify(before) ? null : `names moved to ${JSON.stringify(names)}`;
    await blocker.removeHook();
  });
  const played = await gameday(stage, {
    async beforeDisaster() {
      before = (await lookOutside(lab)).names;
      await blocker.addHook();
    },
    async meanwhile(status) {
      if (/failed calling webhook/.test(wordsOf(status))) await lift();
    },
  });
  const detail = played.report.phases.find(({ name }) => name === 'scale-up')?.detail ?? '';
  const named = /kubectl at \S+ UTC set api to 2, and it was set to 6 again/.test(detail);
  return firstOf(moved, unlessRecovered(played), !named && `scale-up says: ${detail}`, await unlessAtStrength(blocker));
}

/** The count is lowered after the scale-up, which ended well: the names wait until it is set again. */
async function loweredAfterwards(stage: Stage): Promise<string | null> {
  const { lab } = stage;
  const blocker = await open(lab);
  let early = false;
  const lower = once(async (status: RecoveryStatus) => {
    early = !isDone(status, 'repoint');
    await blocker.setCount(2);
  });
  const played = await gameday(stage, {
    async meanwhile(status) {
      if (isDone(status, 'scale-up')) await lower(status);
    },
  });
  return firstOf(!early && 'it was lowered too late', unlessRecovered(played), await unlessAtStrength(blocker));
}

async function unlessAtStrength(blocker: PodBlocker): Promise<string | null> {
  const ready = await blocker.readyPods();
  return ready === WANTED ? null : `clients are led to ${ready} pods that are ready`;
}

export const pods: Trouble[] = [
  {
    name: 'a dead webhook denies pods, and their count is lowered: recovered at full strength',
    endure: deniedAndLowered,
  },
  { name: 'the count is lowered after the scale-up: recovered at full strength', endure: loweredAfterwards },
];
