import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * Bounds in bytes for what comes from outside and becomes workflow history. Bytes are those of JSON, since that is how
 * it travels: a character that JSON escapes takes six.
 */
export const jsonBytes = (value: unknown): number => utf8ToBytes(JSON.stringify(value) ?? '').length;

const ELLIPSIS = '…';
const QUOTES = 2;

/** At most so many bytes of JSON, its quotes aside, cut between two characters, with a sign that something is missing. */
export function boundText(text: string, maxBytes: number): string {
  // A text has at least as many bytes as units: the longest ones are not even written out.
  if (text.length <= maxBytes && jsonBytes(text) - QUOTES <= maxBytes) return text;
  const room = maxBytes - utf8ToBytes(ELLIPSIS).length;
  let fits = 0;
  for (let tooMany = Math.min(text.length, room) + 1; fits + 1 < tooMany; ) {
    const half = Math.floor((fits + tooMany) / 2);
    if (jsonBytes(text.slice(0, half)) - QUOTES <= room) fits = half;
    else tooMany = half;
  }
  const within = /[\ud800-\udbff]/.test(text.charAt(fits - 1)) && /[\udc00-\udfff]/.test(text.charAt(fits));
  return `${text.slice(0, within ? fits - 1 : fits)}${ELLIPSIS}`;
}

/** The same value with each text in it cut to so many bytes; keys stay as they are. */
export function boundTexts<T>(value: T, maxBytes: number): T {
  if (typeof value === 'string') return boundText(value, maxBytes) as T;
  if (Array.isArray(value)) return value.map((each) => boundTexts(each, maxBytes)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, boundTexts(each, maxBytes)])) as T;
}

/** The first of them, as many as fit into so many bytes. */
export function firstThatFit<T>(all: readonly T[], maxBytes: number): T[] {
  let bytes = 0;
  const tooMuch = all.findIndex((each) => {
    bytes += jsonBytes(each) + 1;
    return bytes > maxBytes;
  });
  return tooMuch < 0 ? [...all] : all.slice(0, tooMuch);
}

/** The last of them, as many as fit into so many bytes, in their order. */
export const lastThatFit = <T>(all: readonly T[], maxBytes: number): T[] =>
  firstThatFit(all.toReversed(), maxBytes).reverse();
