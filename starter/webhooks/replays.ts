import { LRUCache } from 'lru-cache';
import type { Delivery } from './format.ts';
import { WebhookRefused } from './refusal.ts';

/** Deliveries of one format that were taken, remembered for as long as their timestamps could pass. */
export class Replays {
  readonly #taken: LRUCache<string, { attempt: string | null }>;

  constructor(options: { max: number; ttlMs: number }) {
    this.#taken = new LRUCache({ max: options.max, ttl: options.ttlMs });
  }

  /**
   * Whether the delivery was taken before and is to be answered without effect. Throws `WebhookRefused` when the
   * sender would have dated it anew: then somebody else sends what was recorded.
   */
  check({ id, attempt }: Delivery): boolean {
    const taken = this.#taken.get(id);
    if (taken === undefined) return false;
    if (attempt === null || taken.attempt !== attempt) return true;
    throw new WebhookRefused('replay', 'this very delivery was taken before');
  }

  /** Only once Temporal has it: what was answered with 503 must be able to come again. */
  remember({ id, attempt }: Delivery): void {
    this.#taken.set(id, { attempt });
  }
}
