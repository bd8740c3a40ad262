import { keyText, type RecordValues, sameValues, valuesText } from './record.ts';

/** One record's move: `api.teei.test A 127.0.0.10 → 127.0.0.20`, or that it was there already. */
export function moveText(before: RecordValues, after: RecordValues): string {
  const key = keyText(after);
  if (sameValues(after.type, before.values, after.values)) return `${key} already ${valuesText(after.values)}`;
  return `${key} ${valuesText(before.values)} → ${valuesText(after.values)}`;
}

/** `INSYNC after 0.1 s`. */
export function afterText(what: string, startedAt: number, reachedAt: number): string {
  return `${what} after ${(Math.max(0, reachedAt - startedAt) / 1000).toFixed(1)} s`;
}
