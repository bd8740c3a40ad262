import { setTimeout as sleep } from 'node:timers/promises';

/** One lost packet or one restart must not look like a dead region. */
const BETWEEN_MS = 500;

/** Asks, and asks once more when the answer is not a plain yes. */
export async function askTwice<T>(ask: () => Promise<T>, answerOf: (facts: T) => boolean | null): Promise<T> {
  const first = await ask();
  if (answerOf(first) === true) return first;
  await sleep(BETWEEN_MS);
  return await ask();
}
