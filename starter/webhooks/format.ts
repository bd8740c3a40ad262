import type { IncomingHttpHeaders } from 'node:http';
import type { Alert } from '../../workflows/incident-messages.ts';
import type { Grant, Key } from './keyring.ts';

/** A webhook as it arrived, byte by byte. */
export interface RawWebhook {
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Milliseconds since 1970. */
  nowMs: number;
}

/** One delivery, as its sender tells it from all others. */
export interface Delivery {
  /** The sender's id of the webhook, covered by its signature. */
  id: string;
  /**
   * What differs when the sender itself sends it again, covered by the signature; null when its own repeats look like
   * a replay. Those are part of such a sender's contract: they are answered 200 and have no effect.
   */
  attempt: string | null;
}

/** A webhook of which it is known who sent it. */
export interface Authentic {
  grant: Grant;
  /** Null where repeats are the rule and each is authenticated anew. */
  delivery: Delivery | null;
}

/** A sender's way to prove who it is and to say what is wrong: one file per format. */
export interface Format {
  source: Alert['source'];
  /** Name of the secret that holds its keys. */
  secret: string;
  contentTypes: readonly string[];
  /** More than the largest honest body, in bytes. */
  bodyLimit: number;
  /** How old a delivery may be, in milliseconds; its id is remembered for twice as long. */
  windowMs: number;
  /** What headers alone can refuse, before the body is read: a stranger's megabyte is not worth reading. */
  precheck(headers: IncomingHttpHeaders, keys: readonly Key[], nowMs: number): void;
  /** Throws `WebhookRefused` unless one of the keys made this webhook, lately. */
  authenticate(webhook: RawWebhook, keys: readonly Key[]): Authentic | Promise<Authentic>;
  /** Throws `WebhookRefused` with everything that is wrong. An authentic webhook that is no alert has none. */
  translate(payload: unknown, receivedAt: string): Translated | Promise<Translated>;
}

/** The alerts of one webhook. One that cannot be read does not cost the others. */
export interface Translated {
  alerts: Alert[];
  /** What is wrong with each alert that cannot be read, with its place in the body. */
  malformed: string[];
}

/** Where a webhook holds one alert, or none: all of it can be read. */
export const whole = (alerts: Alert[]): Translated => ({ alerts, malformed: [] });
