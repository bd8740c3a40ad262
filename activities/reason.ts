import { types } from 'node:util';

/**
 * Why something failed, in one line. Node's own errors say "fetch failed" outside and why inside, and those that stand
 * for several tries have no message at all.
 */
export function reasonOf(cause: unknown): string {
  if (!types.isNativeError(cause)) return String(cause);
  if (types.isNativeError(cause.cause)) return reasonOf(cause.cause);
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}
