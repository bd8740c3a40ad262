import { type Played, play } from '../../lab/gameday/play.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { silent } from '../support/gameday/support.ts';
import { type Effects, ONCE } from './effects.ts';
import { difference, type Run } from './matrix.ts';
import { type Ending, type Struck, strikeEach, underStruckWorker } from './struck-worker.ts';
import type { Verb } from './workflow.ts';

/** The activities of a region failover, in about the order in which they come. */
const PATH: Verb[] = [
  ...(['observe', 'verifySignatures', 'notify', 'storeBreakGlass', 'fenceDatabase', 'promoteDatabase'] as const),
  ...(['captureAnalytics', 'promoteAnalytics', 'captureStream', 'promoteStream'] as const),
  ...(['captureWorkloads', 'scaleWorkloads', 'repointWorkloads', 'captureTargets', 'registerTargets'] as const),
  ...(['captureDns', 'confirmWorkloads', 'cutOverDns', 'invalidateCdn', 'rebuildCache'] as const),
  ...(['watchRecovery', 'compareLedger', 'storeReport'] as const),
];

/**
 * Whole region failovers, each on a lab of its own; their worker is killed, or asked to end, when one activity has had its
 * effect.
 *
 * @param only one activity, where it is not to be all
 */
export function struckFailovers(signal: AbortSignal, only?: string): AsyncGenerator<Run> {
  return strikeEach('failover', PATH, { signal, only }, (verb, ending) => once(verb, ending, signal));
}

async function once(verb: Verb, ending: Ending, signal: AbortSignal): Promise<Pick<Run, 'struck' | 'wrong'>> {
  const lab = await up({ name: `struck-${process.pid}`, synchronous: true, signal });
  try {
    const { struck, played, effects } = await struckFailover(lab, verb, signal, ending);
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

/** A failover driven by a worker that is struck when `verb` is done and Temporal does not know yet. */
export function struckFailover(
  lab: Lab,
  verb: Verb,
  signal: AbortSignal,
  ending: Ending = 'SIGKILL',
): Promise<Struck<Played>> {
  const fault = { activity: verb, point: 'after', signal: ending } as const;
  return underStruckWorker(lab, fault, signal, (patience) =>
    play(lab, { screen: silent, signal: patience, yes: true }),
  );
}
