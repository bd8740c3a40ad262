import type { Activities } from '../../activities/contract.ts';
import { change, keep, keepByHand, look, tell, watch } from '../../workflows/recovery/proxies.ts';

export type Verb = keyof Activities;

export interface OneStep {
  verb: Verb;
  input: unknown;
  /** Where a worker that will be struck, and later one that will not, poll for it. */
  taskQueue: string;
}

/** One step of a recovery, with the options of a recovery but for a shorter time until a dead worker is noticed. */
export async function oneStep({ verb, input, taskQueue }: OneStep): Promise<unknown> {
  const options = { taskQueue, heartbeatTimeout: '2s', scheduleToCloseTimeout: '60s' } as const;
  const proxy = proxyOf(verb) as typeof change;
  return await proxy[verb as keyof typeof change].executeWithOptions(options, [input as never]);
}

/** By whose options a recovery has the verb run. */
function proxyOf(verb: Verb) {
  switch (verb) {
    case 'observe':
    case 'verifySignatures':
    case 'compareLedger':
      return look;
    case 'watchRecovery':
      return watch;
    case 'notify':
      return tell;
    case 'storeReport':
      return keep;
    case 'storeBreakGlass':
      return keepByHand;
    default:
      return change;
  }
}
