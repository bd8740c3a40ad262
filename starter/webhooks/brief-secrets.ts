import { LRUCache } from 'lru-cache';
import type { Secrets } from '../../activities/secrets.ts';

const MAX = 100;

/**
 * Secrets that are read once in `ttlMs` however many requests need them: a storm would otherwise read the same file a
 * thousand times a second. A rotation takes effect within that time. What cannot be read is tried again at once.
 */
export function briefSecrets(secrets: Secrets, ttlMs: number): Secrets {
  const known = new LRUCache<string, Promise<string>>({ max: MAX, ttl: ttlMs });
  return {
    get(name) {
      const held = known.get(name);
      if (held) return held;
      const reading = secrets.get(name);
      known.set(name, reading);
      reading.catch(() => known.delete(name));
      return reading;
    },
  };
}
