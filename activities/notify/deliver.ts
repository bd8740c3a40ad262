import type { ChannelOf, ChannelProvider } from '../../plan/channels.ts';
import type { Notice } from '../../plan/report.ts';

/**
 * Delivers a notice to one channel; answers one readable sentence.
 *
 * @param key the same for every attempt of one delivery, so that a receiver can drop what it has already
 * @throws WiringInvalid or SecretMissing for what no repetition mends, NotReached for what may pass
 */
export type Deliver<P extends ChannelProvider> = (
  channel: ChannelOf<P>,
  notice: Notice,
  key: string,
) => Promise<string>;
