import { LRUCache } from 'lru-cache';
import type { Alert } from '../../workflows/incident-messages.ts';

interface Handed {
  /** The alert's state: what makes a repeat a repeat. */
  state: string;
  /** Settles when Temporal has it, or does not. */
  done: Promise<void>;
}

/**
 * Alerts that Temporal has, or is being given at this moment: a repeat of one shares the first one's fate and costs
 * nothing. Only the last state of an alert counts, so that firing, resolved and firing again are three.
 */
export class RecentAlerts {
  readonly #handed: LRUCache<string, Handed>;

  constructor(options: { max: number; ttlMs: number }) {
    this.#handed = new LRUCache({ max: options.max, ttl: options.ttlMs });
  }

  /** Hands over what is new in `alerts` in one call of `deliver`; returns once Temporal has them all. */
  async hand(system: string, alerts: Alert[], deliver: (fresh: Alert[]) => Promise<void>): Promise<{ fresh: number }> {
    const fresh = alerts.filter((alert) => this.#handed.get(keyOf(system, alert))?.state !== stateOf(alert));
    const waits = alerts
      .filter((alert) => !fresh.includes(alert))
      .map((alert) => this.#handed.get(keyOf(system, alert))?.done);
    if (fresh.length > 0) waits.push(this.#remember(system, fresh, deliver(fresh)));
    await Promise.all(waits);
    return { fresh: fresh.length };
  }

  #remember(system: string, fresh: Alert[], done: Promise<void>): Promise<void> {
    for (const alert of fresh) this.#handed.set(keyOf(system, alert), { state: stateOf(alert), done });
    return done.catch((error) => {
      this.#forget(system, fresh, done);
      throw error;
    });
  }

  /** What Temporal did not get is new again, unless a later state has taken its place meanwhile. */
  #forget(system: string, alerts: Alert[], done: Promise<void>): void {
    for (const alert of alerts) {
      if (this.#handed.get(keyOf(system, alert))?.done === done) this.#handed.delete(keyOf(system, alert));
    }
  }
}

const keyOf = (system: string, { fingerprint }: Alert) => `${system}\n${fingerprint}`;
const stateOf = ({ status, startsAt }: Alert) => `${status} ${startsAt}`;
