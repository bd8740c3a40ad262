import { ApplicationFailure } from '@temporalio/common';
import { fault, refusal } from '../fault.ts';
import { rethrow } from '../rethrow.ts';
import { callSignal } from '../step-time.ts';

const TIMEOUT_MS = 5_000;

/** How long a channel is left alone that says "too fast" and not until when. */
const TOO_FAST_MS = 30_000;

/** A message longer than this is no reason worth logging. */
const REASON_LENGTH = 200;

export interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers?: Record<string, string>;
  body?: object;
}

/**
 * One HTTP call to a channel, JSON both ways; answers the body of a 2xx, as JSON where it is JSON and as text else.
 * The URL is in no error, since it may be a secret.
 *
 * @throws WiringInvalid for what the channel rejects, NotReached for what may pass; when it asks to be left alone, the
 *   failure carries the delay, which Temporal waits before it tries again
 */
export async function call({ method, url, headers = {}, body }: Call): Promise<unknown> {
  const answer = await send(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    // A token is for the place that the environment names, and for no other.
    redirect: 'error',
    signal: callSignal(TIMEOUT_MS),
  });
  if (answer.ok) return readable(answer.text);
  throw refused(answer);
}

interface Answer {
  ok: boolean;
  status: number;
  retryAfter: string | null;
  text: string;
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, init);
    const { ok, status, headers } = response;
    return { ok, status, retryAfter: headers.get('retry-after'), text: await response.text() };
  } catch (cause) {
    rethrow('not delivered', cause, false);
  }
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refused({ status, retryAfter, text }: Answer): ApplicationFailure {
  const why = `answered ${status}${text === '' ? '' : `: ${text.slice(0, REASON_LENGTH)}`}`;
  if (status === 429) return tooFast(why, retryAfterMs(retryAfter));
  const mayPass = status >= 500 || status === 408 || status === 425;
  return mayPass ? fault('NotReached', why) : refusal('WiringInvalid', why);
}

/** The channel has had enough for now: the next attempt comes after `delayMs`, and not before. */
export function tooFast(message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type: 'NotReached', message, nonRetryable: false, nextRetryDelay: delayMs });
}

/** Milliseconds of a Retry-After, which holds seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | null): number {
  const asked = header === null ? Number.NaN : Number(header) * 1000;
  const ms = Number.isNaN(asked) ? Date.parse(header ?? '') - Date.now() : asked;
  return Number.isNaN(ms) ? TOO_FAST_MS : Math.max(1_000, ms);
}
