import ms, { type StringValue } from 'ms';
import { z } from 'zod';

/** Longer than any of a plan, and short enough for every timer. */
const LONGEST = '3650d';

/** A length of time as plans write it: `10s`, `5m`, `1h`, `30d`, `500ms`. */
export const Duration = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,6})?(ms|s|m|h|d)$/, {
    error: 'expected a duration such as "500ms", "10s", "5m", "1h" or "30d"',
    abort: true,
  })
  .refine((duration) => milliseconds(duration) <= milliseconds(LONGEST), { error: `expected at most ${LONGEST}` });

/** Milliseconds of a duration that the schema has accepted. */
export function milliseconds(duration: string): number {
  return ms(duration as StringValue);
}

/** Seconds of a duration that the schema has accepted. */
export function seconds(duration: string): number {
  return milliseconds(duration) / 1000;
}
