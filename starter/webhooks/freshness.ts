import { WebhookRefused } from './refusal.ts';

/** How far a sender's clock may be ahead, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

/** Refuses what is older than the window, or dated in the future: it may have been recorded and sent again. */
export function checkFresh(sentAtMs: number, nowMs: number, windowMs: number): void {
  // Written so that NaN is refused.
  if (nowMs - sentAtMs <= windowMs && sentAtMs - nowMs <= CLOCK_SKEW_MS) return;
  throw new WebhookRefused('stale', 'the timestamp is missing, too old or in the future');
}

/** Seconds since 1970, written in digits and nothing else, as milliseconds; NaN when it is not that. */
export function unixSeconds(text: string | undefined): number {
  return /^\d{1,12}$/.test(text ?? '') ? Number(text) * 1000 : Number.NaN;
}
