import { availableParallelism, loadavg } from 'node:os';
import { type Play, type Played, play } from '../../../lab/gameday/play.ts';
import type { Screen } from '../../../lab/gameday/screen.ts';
import { type Lab, up } from '../../../lab/lab.ts';

/** A gameday takes about a minute, the lab included. */
export const GAMEDAY_TIMEOUT_MS = 240_000;

export const silent: Screen = { title() {}, say() {}, note() {}, at() {} };

/** Plays a gameday with its own lab, which is down again afterwards whatever happens. */
export async function gameday(
  name: string,
  { synchronous = false, worse }: { synchronous?: boolean; worse: (lab: Lab, signal: AbortSignal) => Partial<Play> },
): Promise<Played> {
  const signal = AbortSignal.timeout(GAMEDAY_TIMEOUT_MS - 20_000);
  const lab = await up({ name, synchronous, signal });
  try {
    return await play(lab, { screen: silent, signal, yes: true, ...worse(lab, signal) });
  } finally {
    await lab.down();
  }
}

export const failed = ({ checks }: Pick<Played, 'checks'>) => checks.filter(({ passed }) => !passed);

/** How many times longer what clients wait for may take on a machine that is busy with much else: 1 up to a load of two per core. */
export function busy(): number {
  const [load = 0] = loadavg();
  return Math.max(1, load / availableParallelism() / 2);
}
