import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { WebhookRefused } from './refusal.ts';

export function checkUtf8(body: Buffer): void {
  if (!isUtf8(body)) throw new WebhookRefused('malformed', 'the body is not UTF-8');
}

/** Reads a body as JSON in UTF-8. A key `__proto__` is no honest sender's. */
export function parseJson(body: Buffer): unknown {
  checkUtf8(body);
  return parseText(body.toString('utf8'));
}

/** Looking at every key makes parsing several times slower, and few texts could hold this one: escapes may spell it. */
const MAY_NAME_PROTO = /__proto__|\\u/;

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError(key);
  return value;
}

/** The same for a text that came inside another. */
export function parseText(text: string): unknown {
  try {
    return MAY_NAME_PROTO.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch {
    throw new WebhookRefused('malformed', 'the body is not JSON');
  }
}

/** Reads a payload by its schema; `expected` ends the sentence "not …". Names everything that is wrong at once. */
export function parsePayload<T extends z.ZodType>(schema: T, payload: unknown, expected: string): z.infer<T> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new WebhookRefused('malformed', `not ${expected}`, problemsOf(parsed.error, []));
}

/** `alerts.3.status: …`, each with its place in the body. */
export function problemsOf({ issues }: z.ZodError, at: readonly PropertyKey[]): string[] {
  return issues.map(({ path, message }) => `${[...at, ...path].join('.') || 'body'}: ${message}`);
}
