import { load, type Part } from './figures.ts';
import { type Fleet, failOverAtOnce } from './fleet/failovers.ts';
import { figuresOf } from './fleet/flat.ts';

interface Options {
  sizes: string;
  times: string;
  stepMs: string;
}

/**
 * Fleets of systems that fail over at the same time, their activities of fixed cost, so that what is measured is
 * Lifeboat with Temporal. All share this machine's processors: machine time per failover is that of the whole fleet divided
 * by its size, and what a single one takes from its start to its end grows with the fleet that it waits among.
 */
export const fleet: Part<Options> = {
  name: 'fleet',
  description:
    'Fleets of systems that fail over at once: what one failover takes must not depend on how many there are.',
  options: [
    ['--sizes <counts>', 'how many at once, the smallest first', '10,100,1000'],
    ['--times <counts>', 'how often each size', '5,3,1'],
    ['--step-ms <milliseconds>', 'what each activity costs', '100'],
  ],
  async run({ sizes, times, stepMs }) {
    const often = numbers(times);
    const fleets: Fleet[][] = [];
    for (const [at, size] of numbers(sizes).entries()) {
      const some: Fleet[] = [];
      for (let time = 1; time <= (often[at] ?? 1); time++) some.push(await once(size, Number(stepMs)));
      fleets.push(some);
    }
    return figuresOf(fleets);
  },
};

const numbers = (text: string): number[] => text.split(',').map(Number);

async function once(size: number, stepMs: number): Promise<Fleet> {
  console.log(`fleet: ${size} at once; load before: ${load()}`);
  const measured = await failOverAtOnce(size, stepMs);
  if (measured.unrecovered > 0) throw new Error(`${measured.unrecovered} of ${size} did not recover`);
  console.log(`  ${measured.seconds.toFixed(1)} s in all; load: ${load()}`);
  return measured;
}
