import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Compares in constant time: digests are compared, since they have one length whatever the text's. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** HMAC with SHA-256 over all parts, one after the other. */
export function hmacSha256(key: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether `hex` is this very digest; anything but 64 hexadecimal digits is not. */
export function isDigest(digestBytes: Buffer, hex: string): boolean {
  return /^[0-9a-f]{64}$/i.test(hex) && timingSafeEqual(digestBytes, Buffer.from(hex, 'hex'));
}
