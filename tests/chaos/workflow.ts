import { change } from '../../workflows/recovery/proxies.ts';

export type ChangingVerb = keyof typeof change;

export interface OneStep {
  verb: ChangingVerb;
  input: unknown;
  /** Where a worker that will be struck, and later one that will not, poll for it. */
  taskQueue: string;
}

/** One step of a recovery, with the options of a recovery but for a shorter time until a dead worker is noticed. */
export async function oneStep({ verb, input, taskQueue }: OneStep): Promise<unknown> {
  const options = { taskQueue, heartbeatTimeout: '2s', scheduleToCloseTimeout: '60s' } as const;
  return await change[verb].executeWithOptions(options, [input as never]);
}
