import { type Lab, up } from '../../lab/lab.ts';
import type { Run } from './matrix.ts';
import { aws } from './troubles/aws.ts';
import { clock } from './troubles/clock.ts';
import { disk } from './troubles/disk.ts';
import { goingBack } from './troubles/going-back.ts';
import { network } from './troubles/network.ts';
import { providers } from './troubles/providers.ts';
import { regionReturns } from './troubles/region-returns.ts';
import type { Trouble } from './troubles/trouble.ts';

/** A lab, the failover and all that is waited for in it. */
const WITHIN_MS = 600_000;

/** By what is in trouble. */
export const TROUBLES: Record<string, readonly Trouble[]> = {
  providers,
  aws,
  'region-returns': regionReturns,
  network,
  clock,
  disk,
  'going-back': goingBack,
};

/** Whole failovers, each with one thing in trouble, in a lab of its own. */
export async function* troubles(some: readonly Trouble[], signal: AbortSignal): AsyncGenerator<Run> {
  for (const { name, endure } of some) {
    signal.throwIfAborted();
    const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const wrong = await inLab(within, (lab) => endure({ lab, signal: within })).catch(String);
    yield { name, struck: true, wrong };
  }
}

async function inLab<T>(signal: AbortSignal, use: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await up({ name: `trouble-${process.pid}`, signal });
  try {
    return await use(lab);
  } finally {
    await lab.down();
  }
}
