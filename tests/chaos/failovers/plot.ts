import { chance } from '../calls/choice.ts';

/** What befalls the region that serves, and what people do. It follows from the seed. */
export interface Plot {
  /**
   * - `killed`: it is gone until the failover has ended;
   * - `returns`: its database's guard is started again in the middle;
   * - `frozen`: its database and guard are frozen, and woken in the middle or at the end;
   * - `undone`: it is gone, people order a rollback in the middle, and it returns.
   */
  kind: 'killed' | 'returns' | 'frozen' | 'undone';
  /** Milliseconds from the disaster to what happens in the middle. */
  afterMs: number;
}

/** Failovers take about this long. */
const MIDDLE_MS = 6_000;

export function plotOf(seed: string): Plot {
  const kinds = ['killed', 'killed', 'killed', 'killed', 'killed', 'returns', 'returns', 'frozen', 'undone', 'undone'];
  const kind = kinds[Math.floor(chance(seed, 'kind') * kinds.length)] as Plot['kind'];
  return { kind, afterMs: Math.round(chance(seed, 'moment') * MIDDLE_MS) };
}
