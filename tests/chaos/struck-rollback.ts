import type { RowResult } from '../../lab/gameday/row.ts';
import { playRow, rowNamed } from '../../lab/gameday/rows/index.ts';
import { up } from '../../lab/lab.ts';
import { silent } from '../support/gameday/support.ts';
import { BACK, type Effects } from './effects.ts';
import { difference, type Run } from './matrix.ts';
import { type Ending, strikeEach, underStruckWorker } from './struck-worker.ts';
import type { Verb } from './workflow.ts';

/** What puts back what a failover has changed, in about the order in which it comes. */
const COMPENSATIONS: Verb[] = [
  'returnDatabase',
  'restoreDns',
  'restoreTargets',
  'restoreWorkloads',
  'restoreStream',
  'restoreAnalytics',
  'rebuildStandby',
];

/**
 * Whole failovers that go back because their clients' requests fail, each on a lab of its own; their worker is killed,
 * or asked to end, when one compensation has had its effect. Afterwards everything outside is as it was, and each change was made once there
 * and once back.
 *
 * @param only one activity, where it is not to be all
 */
export function struckRollbacks(signal: AbortSignal, only?: string): AsyncGenerator<Run> {
  return strikeEach('rollback', COMPENSATIONS, { signal, only }, (verb, ending) => once(verb, ending, signal));
}

async function once(verb: Verb, ending: Ending, signal: AbortSignal): Promise<Pick<Run, 'struck' | 'wrong'>> {
  const lab = await up({ name: `struck-${process.pid}`, signal });
  try {
    const fault = { activity: verb, point: 'after', signal: ending } as const;
    const { struck, played, effects } = await underStruckWorker(lab, fault, signal, (patience) =>
      playRow(lab, rowNamed('rollback-errors'), { screen: silent, signal: patience, yes: true }),
    );
    return { struck, wrong: wrongWith(played, effects) };
  } finally {
    await lab.down();
  }
}

/** The drill's own checks tell how it ended. */
function wrongWith({ checks }: RowResult, effects: Effects): string | null {
  const failed = checks.filter(({ passed }) => !passed).map(({ name, seen }) => `${name}: ${seen}`);
  const counted = difference(effects, BACK);
  if (counted !== null) failed.push(counted);
  return failed.length > 0 ? failed.join('; ') : null;
}
