import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { tooFast } from './call.ts';

/** Slack takes one message per second and channel (https://docs.slack.dev/apis/web-api/rate-limits); others take more. */
const GAP_MS = 1_000;

/** A turn that is further away is left to Temporal, so that no worker's slot is held by waiting. */
const LONGEST_WAIT_MS = 5_000;

/** Sends no faster than a channel takes: in turns, and not at all while it has asked to be left alone. */
export class Pace {
  /** When the next message may be sent, by channel, in milliseconds since 1970. */
  readonly #next = new Map<string, number>();

  /**
   * Waits for the channel's next turn.
   *
   * @throws NotReached with the delay to wait, when that is long
   */
  async turn(channel: string, signal: AbortSignal): Promise<void> {
    const now = Date.now();
    const at = Math.max(now, this.#next.get(channel) ?? 0);
    if (at - now > LONGEST_WAIT_MS) throw tooFast('the channel takes no more just now', at - now);
    this.#next.set(channel, at + GAP_MS);
    if (at > now) await sleep(at - now, undefined, { signal });
  }

  /** Keeps the other messages to a channel back, when this failure says that it asked for time. */
  learn(channel: string, failure: unknown): void {
    if (!(failure instanceof ApplicationFailure) || typeof failure.nextRetryDelay !== 'number') return;
    this.#next.set(channel, Math.max(this.#next.get(channel) ?? 0, Date.now() + failure.nextRetryDelay));
  }
}
