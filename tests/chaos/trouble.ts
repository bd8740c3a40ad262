import { eventually } from '../../lab/eventually.ts';
import { type Lab, up } from '../../lab/lab.ts';
import type { Run } from './matrix.ts';
import { aws } from './troubles/aws.ts';
import { clock } from './troubles/clock.ts';
import { disk } from './troubles/disk.ts';
import { goingBack } from './troubles/going-back.ts';
import { network } from './troubles/network.ts';
import { pods } from './troubles/pods.ts';
import { providers } from './troubles/providers.ts';
import { regionReturns } from './troubles/region-returns.ts';
import { standbyBehind } from './troubles/standby-behind.ts';
import type { Trouble } from './troubles/trouble.ts';

/** A failover and all that is waited for in it. */
const WITHIN_MS = 600_000;
const LAB_WITHIN_MS = 300_000;

/** By what is in trouble. */
export const TROUBLES: Record<string, readonly Trouble[]> = {
  providers,
  aws,
  'region-returns': regionReturns,
  'standby-behind': standbyBehind,
  network,
  clock,
  disk,
  'going-back': goingBack,
  pods,
};

/** Whole failovers, each with one thing in trouble, in a lab of its own. */
export async function* troubles(some: readonly Trouble[], signal: AbortSignal): AsyncGenerator<Run> {
  for (const { name, endure } of some) {
    signal.throwIfAborted();
    const wrong = await inLab(signal, (lab) => {
      return endure({ lab, signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]) });
    }).catch(String);
    yield { name, struck: true, wrong };
  }
}

/** A machine too busy to start a lab in time says nothing of the trouble: it is tried again. */
async function inLab<T>(signal: AbortSignal, use: (lab: Lab) => Promise<T>): Promise<T> {
  const patience = { what: 'a lab', withinMs: LAB_WITHIN_MS, signal };
  const lab = await eventually(patience, () => up({ name: `trouble-${process.pid}`, signal }));
  try {
    return await use(lab);
  } finally {
    await lab.down();
  }
}
