import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';

/**
 * A durable wait that the Temporal UI shows with its reason.
 *
 * @returns true when `stirs` came true before the time was over
 */
export async function pause(forMs: number, summary: string, stirs: () => boolean): Promise<boolean> {
  if (stirs()) return true;
  if (forMs <= 0) return false;
  let over = false;
  const timer = new CancellationScope();
  const elapsed = timer.run(async () => {
    await sleep(forMs, { summary });
    over = true;
  });
  elapsed.catch((error) => {
    if (!isCancellation(error)) throw error;
  });
  await condition(() => over || stirs());
  timer.cancel();
  return !over;
}
