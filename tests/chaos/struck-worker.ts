import { eventually } from '../../lab/eventually.ts';
import type { Lab } from '../../lab/lab.ts';
import { THIRD_PLACE } from '../../lab/places.ts';
import { stateOf } from '../../lab/supervisor.ts';
import { regionTaskQueue, TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { type Region, STANDBY } from '../support/lab/shape.ts';
import { type Effects, Watch } from './effects.ts';
import type { Fault } from './fault.ts';
import { FaultyProcess } from './faulty-process.ts';
import type { Run } from './matrix.ts';
import type { Verb } from './workflow.ts';

/** Where these are done; the others are done in the third place. */
const PLACES: Partial<Record<Verb, Region>> = { rebuildCache: STANDBY };

const WITHIN_MS = 400_000;

/** How a worker ends that is struck in a whole recovery. */
const ENDINGS = ['SIGKILL', 'SIGTERM'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface Struck<T> {
  /** False when it ended without reaching the activity. */
  struck: boolean;
  played: T;
  effects: Effects;
}

/**
 * Whatever is played, the worker of that activity is one that is struck at the fault. The lab's own is started once it is
 * gone, and goes on.
 */
export async function underStruckWorker<T>(
  lab: Lab,
  fault: Fault,
  signal: AbortSignal,
  play: (signal: AbortSignal) => Promise<T>,
): Promise<Struck<T>> {
  const region = PLACES[fault.activity as Verb];
  const [place, queue] =
    region === undefined
      ? [THIRD_PLACE, TASK_QUEUE]
      : [region, regionTaskQueue({ regionWorkers: lab.shape.system }, region)];
  const replaced = `${place}/worker`;
  await stopWorker(lab, replaced);
  const worker = new FaultyProcess({ ...lab.wiring, LIFEBOAT_VANTAGE: place }, queue, fault);
  const broken = new AbortController();
  let struck = false;
  let over = false;
  const takenOver = worker.isStruck().then(async () => {
    if (over) return;
    struck = true;
    await lab.startService(replaced, signal);
  });
  takenOver.catch((error) => broken.abort(error));
  const outside = await Watch.start(lab);
  try {
    const played = await play(AbortSignal.any([signal, broken.signal, AbortSignal.timeout(WITHIN_MS)]));
    return { struck, played, effects: await outside.counted() };
  } finally {
    over = true;
    await outside.end();
    await worker.end();
    await takenOver.catch(() => {});
  }
}

/** Plays a whole recovery in which the worker ends so when the activity has had its effect; answers what was wrong. */
type PlayStruck = (verb: Verb, ending: Ending) => Promise<{ struck: boolean; wrong: string | null }>;

/**
 * A run for each of the activities and each ending.
 *
 * @param only one activity, where it is not to be all
 */
export async function* strikeEach(
  what: string,
  verbs: readonly Verb[],
  { signal, only }: { signal: AbortSignal; only: string | undefined },
  playStruck: PlayStruck,
): AsyncGenerator<Run> {
  for (const ending of ENDINGS) {
    for (const verb of verbs.filter((each) => only === undefined || each === only)) {
      signal.throwIfAborted();
      const name = `${what}: ${ending} after ${verb}`;
      const wrong = await playStruck(verb, ending).then(
        // A recovery that never came to the activity proves nothing of it.
        (run) => (run.struck ? run.wrong : `it ended without ${verb}, so that no worker was struck`),
        String,
      );
      yield { name, verb, struck: true, wrong };
    }
  }
}

async function stopWorker(lab: Lab, service: string): Promise<void> {
  lab.signal(service, 'SIGKILL');
  await eventually({ what: 'the worker to be gone', withinMs: 10_000 }, async () => {
    if (lab.records(service).some((record) => stateOf(record) !== 'gone')) throw new Error('it is there');
  });
}
