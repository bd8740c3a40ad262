import { breakLab } from '../../../lab/faults.ts';
import { lookAfter } from '../../../lab/gameday/play.ts';
import { PRIMARY } from '../../support/lab/shape.ts';
import { lookOutside, type Outside, unlessAsBefore, unlessServedBy } from './outside.ts';
import { disaster, firstOf, hasBegun, type Trouble, unlessRecovered } from './trouble.ts';

/** Every phase of the plan's region failover. */
const PHASES = [
  ...['assess', 'approve', 'promote-database', 'promote-analytics', 'promote-stream', 'scale-up'],
  ...['repoint', 'rebuild-cache', 'register-targets', 'cut-over-dns', 'invalidate-cdn', 'verify'],
];

/**
 * Power is back in the region that was lost: everything there starts on the data that it had, while the failover is
 * under way. Either it stays fenced and the failover recovers, or the failover is refused, since the region is healthy,
 * and has changed nothing.
 */
export function returnsAt(phase: string): Trouble {
  return {
    name: `${PRIMARY} returns as ${phase} begins: it stays fenced, or nothing was changed`,
    async endure(stage) {
      const { lab, signal } = stage;
      let before: Outside | null = null;
      let back: Promise<string> | null = null;
      const ending = await disaster(stage, {
        async beforeDisaster() {
          before = await lookOutside(lab);
        },
        async meanwhile(status) {
          if (hasBegun(status, phase)) back ??= breakLab(lab, ['restore', PRIMARY]);
          // People take their time: the region is back before they decide.
          if (phase === 'approve') await back;
        },
      });
      if (back === null || before === null) return `${phase} did not begin`;
      const notBack = await (back as Promise<string>).then(() => null, String);
      if (ending.report.outcome === 'refused' && /RegionHealthy/.test(ending.report.reason)) {
        return firstOf(notBack, await unlessAsBefore(lab, before), await unlessServedBy(lab, PRIMARY, signal));
      }
      return firstOf(notBack, unlessRecovered(await lookAfter(lab, ending, signal)));
    },
  };
}

export const regionReturns: Trouble[] = PHASES.map(returnsAt);
