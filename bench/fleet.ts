import { type Figure, load, type Part, spread } from './figures.ts';
import { type Fleet, failOverAtOnce } from './fleet/failovers.ts';

interface Options {
  sizes: string;
  stepMs: string;
}

/** What one failover may take more of in the largest fleet than in the smallest. */
const FLAT = { of: 'median', atMost: 1.2 } as const;

/** A figure of one fleet, per failover. */
interface Measure {
  name: string;
  unit: string;
  of: (fleet: Fleet) => number;
  /** Whether it must stay the same however many fail over. */
  flat: boolean;
}

const MEASURES: readonly Measure[] = [
  { name: 'time per failover', unit: 's', flat: true, of: ({ seconds, size }) => seconds / size },
  { name: 'processor time of the worker per failover', unit: 's', flat: true, of: (all) => all.workerCpu / all.size },
  { name: 'processor time of Temporal per failover', unit: 's', flat: true, of: (all) => all.temporalCpu / all.size },
  { name: 'memory of the worker per failover', unit: 'MB', flat: true, of: (all) => all.grownMegabytes / all.size },
  { name: 'actions per failover', unit: 'actions', flat: true, of: (all) => most(all, 'actions') },
  { name: 'events per failover', unit: 'events', flat: true, of: (all) => most(all, 'events') },
  { name: 'start to end of one', unit: 's', flat: false, of: ({ each }) => spread(each).median },
  { name: 'memory of the worker', unit: 'MB', flat: false, of: ({ megabytes }) => megabytes },
];

/**
 * Fleets of systems that fail over at the same time, their activities of fixed cost, so that what is measured is
 * Lifeboat with Temporal. All share this machine's processors; so time per failover is that of the whole fleet divided by its size.
 */
export const fleet: Part<Options> = {
  name: 'fleet',
  description:
    'Fleets of systems that fail over at once: what one failover takes must not depend on how many there are.',
  options: [
    ['--sizes <counts>', 'how many at once, the smallest first', '10,100,1000'],
    ['--step-ms <milliseconds>', 'what each activity costs', '100'],
  ],
  async run({ sizes, stepMs }) {
    const fleets: Fleet[] = [];
    for (const size of sizes.split(',').map(Number)) {
      console.log(`fleet: ${size} at once; load before: ${load()}`);
      const measured = await failOverAtOnce(size, Number(stepMs));
      if (measured.unrecovered > 0) throw new Error(`${measured.unrecovered} of ${size} did not recover`);
      console.log(`  ${measured.seconds.toFixed(1)} s in all; load: ${load()}`);
      fleets.push(measured);
    }
    return MEASURES.flatMap((measure) => [...fleets.map((each) => figureOf(each, measure)), ...ratio(fleets, measure)]);
  },
};

function figureOf(measured: Fleet, { name, unit, of }: Measure): Figure {
  return { name: `fleet of ${measured.size}: ${name}`, unit, values: [of(measured)], bound: null };
}

/** From the smallest fleet to the largest; nothing for a single one. */
function ratio(fleets: readonly Fleet[], { name, of, flat }: Measure): Figure[] {
  const [first, last] = [fleets[0], fleets.at(-1)];
  if (!flat || first === undefined || last === undefined || first === last) return [];
  return [
    { name: `${name}: ${last.size} against ${first.size}`, unit: '×', values: [of(last) / of(first)], bound: FLAT },
  ];
}

function most({ histories }: Fleet, of: 'actions' | 'events'): number {
  return spread(histories.map((size) => size[of])).max;
}
