import { createHash } from 'node:crypto';

/**
 * How a call to the outside fails:
 *
 * - `unsent`: the connection breaks before anything is sent;
 * - `unanswered`: it is sent and done, and the connection breaks before the answer arrives;
 * - `silent`: it is sent and done, and nothing is heard any more, until the caller's own time-out;
 * - `refused`: the other side answers that it cannot just now: 503 or 429, PostgreSQL's shutdown, Redis' loading.
 */
export const KINDS = ['unsent', 'unanswered', 'silent', 'refused'] as const;
export type Kind = (typeof KINDS)[number];

/** One call of an attempt of an activity to the outside. */
export interface Call {
  /** `cutOverDns dns`: the activity, and what it acts on. */
  step: string;
  attempt: number;
  /** Which of the attempt's calls, counted from 1. */
  number: number;
}

/** A number from 0 to 1 that follows from the words alone, so that what was seen once can be seen again. */
export function chance(...words: (string | number)[]): number {
  return createHash('sha256').update(words.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}

/** Whether, and how, the call fails under this seed; null when it does not. */
export function faultOf(seed: string, probability: number, { step, attempt, number }: Call): Kind | null {
  if (chance(seed, step, attempt, number) >= probability) return null;
  return KINDS[Math.floor(chance(seed, step, attempt, number, 'kind') * KINDS.length)] ?? null;
}
