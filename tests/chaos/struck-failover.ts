import { eventually } from '../../lab/eventually.ts';
import { type Played, play } from '../../lab/gameday/play.ts';
import type { Screen } from '../../lab/gameday/screen.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { THIRD_PLACE } from '../../lab/places.ts';
import { stateOf } from '../../lab/supervisor.ts';
import { TASK_QUEUE } from '../../workflows/recovery/messages.ts';
import { type Effects, ONCE, Watch } from './effects.ts';
import { FaultyProcess } from './faulty-process.ts';
import { difference, type Run } from './matrix.ts';
import type { Verb } from './workflow.ts';

const WORKER = `${THIRD_PLACE}/worker`;
const WITHIN_MS = 400_000;

/** The activities of a region failover, in about the order in which they come. */
const PATH: Verb[] = [
  ...(['observe', 'verifySignature', 'notify', 'fenceDatabase', 'promoteDatabase'] as const),
  ...(['captureAnalytics', 'promoteAnalytics', 'captureStream', 'promoteStream'] as const),
  ...(['captureWorkloads', 'scaleWorkloads', 'repointWorkloads', 'captureTargets', 'registerTargets'] as const),
  ...(['captureDns', 'cutOverDns', 'invalidateCdn', 'rebuildCache'] as const),
  ...(['watchRecovery', 'compareLedger', 'storeReport'] as const),
];

const silent: Screen = { title() {}, say() {}, note() {}, at() {} };

export interface StruckFailover {
  /** False when the failover ended without reaching the activity. */
  struck: boolean;
  played: Played;
  effects: Effects;
}

/** Whole region failovers, each on a lab of its own; their worker is killed when one activity has had its effect. */
export async function* struckFailovers(signal: AbortSignal): AsyncGenerator<Run> {
  for (const verb of PATH) {
    signal.throwIfAborted();
    const name = `failover: SIGKILL after ${verb}`;
    yield await once(verb, signal).then(
      ({ struck, wrong }) => ({ name, verb, struck, wrong }),
      (error) => ({ name, verb, struck: true, wrong: String(error) }),
    );
  }
}

async function once(verb: Verb, signal: AbortSignal): Promise<Pick<Run, 'struck' | 'wrong'>> {
  const lab = await up({ name: `struck-${process.pid}`, synchronous: true, signal });
  try {
    const { struck, played, effects } = await struckFailover(lab, verb, signal);
    return { struck, wrong: wrongWith(played, effects) };
  } finally {
    await lab.down();
  }
}

/** What is wrong with a failover each of whose effects should have happened once; null when nothing is. */
export function wrongWith({ report, checks }: Played, effects: Effects): string | null {
  const failed = checks.filter(({ passed }) => !passed).map(({ name, seen }) => `${name}: ${seen}`);
  if (report.outcome !== 'recovered') failed.push(`${report.outcome}: ${report.reason}`);
  const counted = difference(effects, ONCE);
  if (counted !== null) failed.push(counted);
  return failed.length > 0 ? failed.join('; ') : null;
}

/**
 * A failover driven by a worker that is killed when `verb` is done and Temporal does not know yet. The lab's own worker
 * is started then, and finishes it.
 */
export async function struckFailover(lab: Lab, verb: Verb, signal: AbortSignal): Promise<StruckFailover> {
  await stopWorker(lab);
  const fault = { activity: verb, point: 'after', signal: 'SIGKILL' } as const;
  const worker = new FaultyProcess({ ...lab.wiring, LIFEBOAT_VANTAGE: THIRD_PLACE }, TASK_QUEUE, fault);
  const broken = new AbortController();
  let struck = false;
  let over = false;
  const takenOver = worker.isStruck().then(async () => {
    if (over) return;
    struck = true;
    await lab.startService(WORKER, signal);
  });
  takenOver.catch((error) => broken.abort(error));
  const outside = await Watch.start(lab);
  try {
    const patience = AbortSignal.any([signal, broken.signal, AbortSignal.timeout(WITHIN_MS)]);
    const played = await play(lab, { screen: silent, signal: patience, yes: true });
    return { struck, played, effects: await outside.counted() };
  } finally {
    over = true;
    await outside.end();
    await worker.end();
    await takenOver.catch(() => {});
  }
}

async function stopWorker(lab: Lab): Promise<void> {
  lab.signal(WORKER, 'SIGKILL');
  await eventually({ what: 'the worker to be gone', withinMs: 10_000 }, async () => {
    if (lab.records(WORKER).some((record) => stateOf(record) !== 'gone')) throw new Error('it is there');
  });
}
