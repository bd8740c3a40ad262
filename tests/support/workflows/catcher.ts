import { ApplicationFailure } from '@temporalio/common';
import type { Notice } from '../../../plan/report.ts';

/** A message that a channel was given. */
export interface Caught {
  channel: string;
  notice: Notice;
}

/** Catches what is sent, by channel; `deliver` may refuse the n-th try of a kind of message. */
export function catcher(deliver: (channel: string, notice: Notice, times: number) => void = () => {}) {
  const caught: Caught[] = [];
  const tried: string[] = [];
  const notify = async ({ channel, notice }: { channel: { name: string }; notice: Notice }) => {
    const key = `${channel.name} ${notice.kind}`;
    tried.push(key);
    deliver(channel.name, notice, tried.filter((each) => each === key).length);
    caught.push({ channel: channel.name, notice });
    return { detail: 'delivered' };
  };
  return { caught, notify };
}

/** A channel that is out just now, and may have said when to come again. */
export const notDelivered = (nextRetryDelayMs?: number) =>
  ApplicationFailure.create({
    type: 'NotReached',
    message: 'the mail server is out',
    nonRetryable: false,
    ...(nextRetryDelayMs !== undefined && { nextRetryDelay: nextRetryDelayMs }),
  });
