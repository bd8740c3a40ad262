import { restart } from '../lab/breaking/processes.ts';
import { PRIMARY, STANDBY } from '../lab/shapes/two-sites.ts';
import { type Figure, load, type Part, spread } from './figures.ts';
import { BESIDE, type StepTimes, secondsToGreen, stepsOf } from './recovery/history.ts';
import { bringBack, inTheatre, loseRegion, run, type Theatre, until } from './recovery/theatre.ts';

const WORKER = 'third-place/worker';

/** What a crash did to one failover, in seconds. */
interface Crashed {
  /** From the kill to the first step on the worker that was started again. */
  resumed: number;
  /** From the approval to the first green checks. */
  verified: number;
}

/**
 * The worker that drives a failover is killed in the middle of it and started again at once, as a supervisor does. Each
 * round kills it at another moment, spread evenly over what a failover without a crash took.
 */
export const crash: Part<{ rounds: string; calm: string; name: string }> = {
  name: 'crash',
  description: 'How long a failover stands still when its only worker is killed and started again.',
  options: [
    ['--rounds <count>', 'how many failovers, each killed at another moment', '5'],
    ['--calm <count>', 'how many failovers without a crash they are held against', '3'],
    ['--name <name>', 'which lab', 'bench-crash'],
  ],
  async run({ rounds, calm: quiet, name }) {
    return await inTheatre(name, async (theatre) => {
      const times: number[] = [];
      for (let round = 1; round <= Number(quiet); round++) times.push(await withoutCrash(theatre));
      const calm = spread(times).median;
      const crashed: Crashed[] = [];
      for (let round = 1; round <= Number(rounds); round++) {
        crashed.push(await killedAfter(theatre, ((round - 0.5) / Number(rounds)) * calm));
      }
      return figuresOf(times, crashed);
    });
  },
};

async function withoutCrash(theatre: Theatre): Promise<number> {
  const approveAtMs = loseRegion(theatre);
  const seconds = secondsToGreen(await run(theatre, 'region-failover', { from: PRIMARY, to: STANDBY, approveAtMs }));
  console.log(`without a crash: ${seconds.toFixed(2)} s; load ${load()}`);
  await bringBack(theatre);
  return seconds;
}

async function killedAfter(theatre: Theatre, seconds: number): Promise<Crashed> {
  const { lab, signal } = theatre;
  let killedMs = 0;
  const meanwhile = async () => {
    await until(Date.now() + seconds * 1000, signal);
    killedMs = Date.now();
    await restart(lab, [WORKER], { signal });
  };
  const approveAtMs = loseRegion(theatre);
  const failover = await run(theatre, 'region-failover', { from: PRIMARY, to: STANDBY, approveAtMs, meanwhile });
  const resumed = resumedAfter(stepsOf(failover.history), lab.records(WORKER)[0]?.pid ?? 0, killedMs);
  const verified = secondsToGreen(failover);
  console.log(
    `killed ${seconds.toFixed(2)} s after the approval: resumed after ${resumed.toFixed(2)} s, ` +
      `verified after ${verified.toFixed(2)} s; load ${load()}`,
  );
  await bringBack(theatre);
  return { resumed, verified };
}

/** What goes on beside the steps is no progress, and the steps of the region's own worker are not this one's. */
function resumedAfter(steps: readonly StepTimes[], pid: number, killedMs: number): number {
  const own = steps.filter(({ worker, verb }) => worker.startsWith(`${pid}@`) && !BESIDE.includes(verb));
  const first = Math.min(...own.map(({ startedMs }) => startedMs));
  if (!Number.isFinite(first)) throw new Error('the worker that was started again did nothing');
  return (first - killedMs) / 1000;
}

function figuresOf(calm: readonly number[], crashed: readonly Crashed[]): Figure[] {
  const usual = spread(calm).median;
  return [
    { name: 'approval to verified without a crash', unit: 's', values: calm, bound: null },
    {
      name: 'worker killed, to the next step on the worker started again',
      unit: 's',
      values: crashed.map(({ resumed }) => resumed),
      bound: { of: 'every', atMost: 10 },
    },
    {
      name: 'added by the crash to the median of the failovers without one',
      unit: 's',
      values: crashed.map(({ verified }) => verified - usual),
      bound: { of: 'every', atMost: 10 },
    },
  ];
}
