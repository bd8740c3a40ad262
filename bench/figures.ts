import { loadavg } from 'node:os';

/** Something that was measured, once per round, and what it must not exceed. */
export interface Figure {
  /** In the words of the README. */
  name: string;
  /** `s`, `ms`, `×`, `MB`, or what is counted: `events`. */
  unit: string;
  /** One per round, in the order of the rounds. */
  values: readonly number[];
  /** Null where a figure is only shown beside others. */
  bound: Bound | null;
}

/** Speeds are held to their median; what must never be exceeded is held to every single round. */
export type Bound = { of: 'median' | 'every' } & ({ atMost: number } | { atLeast: number });

/** A part of `npm run bench`: measures, says how it goes on the way, and answers its figures. */
export interface Part<Options = object> {
  name: string;
  description: string;
  /** For commander: flags, description, default. */
  options: readonly (readonly [flags: string, description: string, preset?: string])[];
  /** Throws when what was to be measured did not work; a part that ran measures what it says. */
  run(options: Options): Promise<Figure[]>;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Throws when there is nothing to sum up. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error('nothing was measured');
  const half = sorted.length / 2;
  const middle = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return { median: middle.reduce((sum, value) => sum + value, 0) / middle.length, min, max };
}

/** Null where there is no bound to meet. */
export function isMet({ values, bound }: Figure): boolean | null {
  if (bound === null) return null;
  const { median, min, max } = spread(values);
  if ('atMost' in bound) return (bound.of === 'median' ? median : max) <= bound.atMost;
  return (bound.of === 'median' ? median : min) >= bound.atLeast;
}

/** As the README shows them: median, spread, bound, and whether it is met. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [figure.name, ...measured(figure), boundText(figure), metText(figure)]);
  const head = ['', 'median', 'min – max', 'bound', ''];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function measured({ values, unit }: Figure): string[] {
  const { median, min, max } = spread(values);
  return [`${shown(median)} ${unit}`, values.length === 1 ? '' : `${shown(min)} – ${shown(max)}`];
}

function boundText({ bound, values }: Figure): string {
  if (bound === null) return '';
  const limit = 'atMost' in bound ? `≤ ${bound.atMost}` : `≥ ${bound.atLeast}`;
  return bound.of === 'every' && values.length > 1 ? `${limit} in every round` : limit;
}

function metText(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return '';
  return met ? 'met' : '**not met**';
}

/** Three digits are as much as a measurement is worth. */
function shown(value: number): string {
  return value >= 100 || Number.isInteger(value) ? `${Math.round(value)}` : value.toPrecision(3);
}

/** The machine's load over 1, 5 and 15 minutes, to be told beside every figure. */
export const load = () =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
