import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { nats } from './nats.ts';

/** The verbs of streams. */
export type StreamVerbs = Pick<Activities, 'captureStream' | 'promoteStream' | 'restoreStream' | 'mirrorStream'>;

/** Verbs that make the copy of a stream its source. */
export function streamActivities(deps: Deps): StreamVerbs {
  const providers = {
    nats: nats(deps),
  };
  return byProvider<StreamVerbs>(providers, ['captureStream', 'promoteStream', 'restoreStream', 'mirrorStream']);
}
