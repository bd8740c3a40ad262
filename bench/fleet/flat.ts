import { cpus } from 'node:os';
import { type Figure, spread } from '../figures.ts';
import type { Fleet } from './failovers.ts';

/** What one failover may take more of in the largest fleet than in the smallest. */
const FLAT = { of: 'median', atMost: 1.2 } as const;

/** Something that fleets take, each as a whole. */
interface Measure {
  name: string;
  unit: string;
  of: (fleet: Fleet) => number;
  /** Is it to stay flat? Others are shown as they are. */
  flat?: true;
}

const TIMES: readonly Measure[] = [
  { name: 'machine time', unit: 's', of: ({ seconds }) => seconds, flat: true },
  { name: 'processor time of the worker', unit: 's', of: ({ workerCpu }) => workerCpu },
  { name: 'processor time of Temporal', unit: 's', of: ({ temporalCpu }) => temporalCpu },
];

/** By how much it has grown: what the worker holds of itself is left out. */
const MEMORY: Measure = {
  name: 'memory of the worker',
  unit: 'MB',
  of: ({ grownMegabytes }) => grownMegabytes,
  flat: true,
};

/** What is read off single recoveries. */
const OF_ONE: readonly Measure[] = [
  { name: 'actions of one recovery', unit: 'actions', of: (fleet) => most(fleet, 'actions'), flat: true },
  { name: 'events of one recovery', unit: 'events', of: (fleet) => most(fleet, 'events') },
];

/** What people wait for, and what a machine must have; both grow, since one machine does all of it. */
const GROWING: readonly Measure[] = [
  {
    name: `wall time of one failover (${cpus().length} cores for all)`,
    unit: 's',
    of: ({ each }) => spread(each).median,
  },
  { name: 'memory of the worker in all', unit: 'MB', of: ({ megabytes }) => megabytes },
  { name: 'attempts to approve that were not heard', unit: 'attempts', of: ({ unheard }) => unheard },
];

/**
 * @param fleets the same size again and again, the sizes in order
 */
export function figuresOf(fleets: readonly (readonly Fleet[])[]): Figure[] {
  const per = [...TIMES, MEMORY].map(({ name, of, ...rest }) => ({
    ...rest,
    name: `${name} per failover`,
    of: perFailover(of),
  }));
  const shown = [...per, ...OF_ONE, ...GROWING];
  return [
    ...fleets.flatMap((some) => shown.map((measure) => figureOf(some, measure))),
    ...[...per, ...OF_ONE].flatMap((measure) => againstSmaller(fleets, measure)),
    ...TIMES.flatMap((measure) => eachMore(fleets, measure)),
  ];
}

const perFailover = (of: Measure['of']) => (fleet: Fleet) => of(fleet) / fleet.size;

function figureOf(some: readonly Fleet[], { name, unit, of }: Measure): Figure {
  return { name: `fleet of ${sizeOf(some)}: ${name}`, unit, values: some.map(of), bound: null };
}

/** The largest fleet against each of the smaller ones, of which the smallest counts. */
function againstSmaller(fleets: readonly (readonly Fleet[])[], { name, of, flat }: Measure): Figure[] {
  const largest = fleets.at(-1) ?? [];
  return fleets.slice(0, -1).map((some, at) => ({
    name: `${name}: ${sizeOf(largest)} against ${sizeOf(some)}`,
    unit: '×',
    values: some.map((fleet) => median(largest, of) / of(fleet)),
    bound: flat && at === 0 ? FLAT : null,
  }));
}

/**
 * What a fleet takes however small it is, such as the time of a single failover, is shared by more in a larger one, which
 * would hide that each takes longer. So what each failover more takes is shown as well, where there are three sizes and the
 * middle one took more than the smallest.
 */
function eachMore(fleets: readonly (readonly Fleet[])[], { name, of }: Measure): Figure[] {
  const [small, middle, large] = fleets.slice(-3);
  if (small === undefined || middle === undefined || large === undefined) return [];
  const sizes = [small, middle, large].map(sizeOf);
  const before = ofOneMore(small, middle, of);
  return [
    {
      name: `${name} of each one more: ${sizes[1]} to ${sizes[2]} against ${sizes[0]} to ${sizes[1]}`,
      unit: '×',
      values: [before > 0 ? ofOneMore(middle, large, of) / before : Number.NaN],
      bound: null,
    },
  ];
}

function ofOneMore(fewer: readonly Fleet[], more: readonly Fleet[], of: Measure['of']): number {
  return (median(more, of) - median(fewer, of)) / (sizeOf(more) - sizeOf(fewer));
}

const sizeOf = ([fleet]: readonly Fleet[]): number => fleet?.size ?? 0;

const median = (some: readonly Fleet[], of: Measure['of']): number => spread(some.map(of)).median;

function most({ histories }: Fleet, of: 'actions' | 'events'): number {
  return spread(histories.map((size) => size[of])).max;
}
