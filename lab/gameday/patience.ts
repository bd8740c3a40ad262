import { StarterError } from '../../starter/errors.ts';

/** Each waits for five seconds or so. */
const TIMES = 20;

const LATE: readonly string[] = ['unreachable', 'no-worker'];

/**
 * Makes a way to ask Temporal and its workers on a busy machine: null when they do not answer in time, so that whoever
 * asks comes again. When that has happened too often in a row it throws what the last one threw.
 */
export function patience(): <T>(ask: () => Promise<T>) => Promise<T | null> {
  let late = 0;
  return async (ask) => {
    try {
      const answer = await ask();
      late = 0;
      return answer;
    } catch (error) {
      late = error instanceof StarterError && LATE.includes(error.kind) ? late + 1 : 0;
      if (late === 0 || late > TIMES) throw error;
      return null;
    }
  };
}
