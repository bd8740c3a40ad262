import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';

/** SHA-256, in hex, of a value's canonical JSON (RFC 8785): the same in every process, whatever the order of keys. */
export function digest(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only values that JSON can hold have a digest');
  return bytesToHex(sha256(utf8ToBytes(text)));
}
