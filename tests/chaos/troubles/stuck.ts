import type { Lab } from '../../../lab/lab.ts';
import { firstOf, gameday, pausedPhase, say, type Trouble, unlessRecovered } from './trouble.ts';

/** A phase that cannot do its work until people mend something, or go on without it. */
export interface Stuck {
  /** What is wrong. */
  name: string;
  /** The phase that pauses, and what it says: words for somebody woken at 3 a.m. */
  phase: string;
  says: RegExp;
  order: 'retry' | 'skip';
  /** Just before the disaster. */
  breaks(lab: Lab): unknown;
  /** When the phase has paused. */
  mends(lab: Lab): unknown;
}

/** It pauses and says why; people mend it, or not, and say how it goes on; then it recovers. */
export function stuck({ name, phase, says, order, breaks, mends }: Stuck): Trouble {
  return {
    name: `${name}: ${phase} pauses, ${order}`,
    async endure(stage) {
      let paused: string | null = null;
      const played = await gameday(stage, {
        beforeDisaster: async () => void (await breaks(stage.lab)),
        async meanwhile(status) {
          const found = pausedPhase(status, phase);
          if (!found || paused !== null) return;
          paused = found.detail;
          await mends(stage.lab);
          await say(stage.lab, status, order, phase);
        },
      });
      return firstOf(unlessPausedSaying(phase, paused, says), unlessRecovered(played), unlessIs(played, phase, order));
    },
  };
}

export function unlessPausedSaying(phase: string, paused: string | null, says: RegExp): string | null {
  if (paused === null) return `${phase} did not pause`;
  return says.test(paused) ? null : `${phase} says: ${paused}`;
}

/** The report tells what became of the phase. */
function unlessIs(
  { report }: Awaited<ReturnType<typeof gameday>>,
  phase: string,
  order: Stuck['order'],
): string | null {
  const outcome = report.phases.find(({ name }) => name === phase)?.outcome;
  return outcome === (order === 'skip' ? 'skipped' : 'done') ? null : `the report calls ${phase} ${outcome}`;
}
