import ms, { type StringValue } from 'ms';
import { z } from 'zod';

/** A length of time as plans write it: `10s`, `5m`, `1h`, `500ms`. */
export const Duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, {
  error: 'expected a duration such as "500ms", "10s", "5m" or "1h"',
});

/** Milliseconds of a duration that the schema has accepted. */
export function milliseconds(duration: string): number {
  return ms(duration as StringValue);
}

/** Seconds of a duration that the schema has accepted. */
export function seconds(duration: string): number {
  return milliseconds(duration) / 1000;
}
