import type { Cell, Tone } from './model.ts';

/** Values of a report in the words of people. Null is unknown and says so. */

/** `0.4 s`, `14 s`, `4 min 10 s`, `1 h 2 min`. */
export function span(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [small, large, unit, largeUnit] = whole < 3600 ? [60, whole, 's', 'min'] : [3600, whole, 'min', 'h'];
  const rest = whole < 3600 ? large % small : Math.round((large % small) / 60);
  return `${Math.floor(large / small)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${unit}`}`;
}

export const spanOr = (seconds: number | null, otherwise: string) => (seconds === null ? otherwise : span(seconds));

/** `2026-11-21 06:52:00 UTC`; a time that is none stays as it is. */
export function moment(iso: string | null): string {
  if (iso === null) return 'never';
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The time of day alone, `06:52:00.123`. */
export function clock(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : new Date(time).toISOString().slice(11, 23);
}

export function met(value: boolean | null): Cell {
  if (value === null) return { text: 'unknown', tone: 'unsure' };
  return value ? { text: 'met', tone: 'good' } : { text: 'missed', tone: 'bad' };
}

const TONES: Record<string, Tone> = {
  recovered: 'good',
  done: 'good',
  passed: 'good',
  failed: 'bad',
  unknown: 'unsure',
  skipped: 'unsure',
  cancelled: 'unsure',
  'rolled-back': 'bad',
  aborted: 'unsure',
  refused: 'unsure',
};

export const toneOf = (outcome: string): Tone => TONES[outcome] ?? 'plain';

export const number = (value: number) => new Intl.NumberFormat('en-US').format(value);

export const list = (values: readonly string[]) => values.join(', ') || '–';
