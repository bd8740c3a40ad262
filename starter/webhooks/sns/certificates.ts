import { type KeyObject, X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { FetchText } from '../fetch-text.ts';
import { WebhookRefused } from '../refusal.ts';

/** SNS has few, and changes them about once a year. */
const MAX = 16;
const TTL_MS = 24 * 3_600_000;

/** The public keys of certificates by address, which must have been checked before. Fetched once, however many ask. */
export function certificateKeys(fetchText: FetchText): (url: string, nowMs: number) => Promise<KeyObject> {
  const known = new LRUCache<string, Certificate>({
    max: MAX,
    ttl: TTL_MS,
    fetchMethod: async (url) => read(await fetchText(url)),
  });
  return async (url, nowMs) => {
    const certificate = await known.fetch(url).catch(() => undefined);
    if (!certificate) throw new WebhookRefused('certificate', 'the signing certificate cannot be had just now');
    if (nowMs < certificate.fromMs || nowMs > certificate.toMs) {
      throw new WebhookRefused('signature', 'the signing certificate is not valid at this time');
    }
    return certificate.publicKey;
  };
}

interface Certificate {
  publicKey: KeyObject;
  fromMs: number;
  toMs: number;
}

/** Read once and not for every message: a certificate makes its key and its dates anew whenever it is asked. */
function read(pem: string): Certificate {
  const { publicKey, validFrom, validTo } = new X509Certificate(pem);
  return { publicKey, fromMs: Date.parse(validFrom), toMs: Date.parse(validTo) };
}
