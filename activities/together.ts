/**
 * The results of things done at the same time. Waits for every one of them also when one fails, so that nothing goes
 * on behind the back of an activity that has ended; then throws the first failure.
 */
export async function together<T>(things: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(things);
  return Promise.all(things);
}
