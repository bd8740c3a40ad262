import { z } from 'zod';
import { fault, refusal } from '../../fault.ts';
import { rethrow } from '../../rethrow.ts';
import { callSignal } from '../../step-time.ts';

/** Cloudflare's own address: https://developers.cloudflare.com/api/ */
const ENDPOINT = 'https://api.cloudflare.com/client/v4';

const CALL_MS = 5_000;

/** How Cloudflare answers, whatever was asked. */
const Envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.unknown(),
});

export interface Request {
  /** Completes "could not …" in errors. */
  what: string;
  method: 'GET' | 'POST';
  /** Below the endpoint, query included: `/zones?name=example.com`. */
  path: string;
  body?: object;
}

/** Asks Cloudflare and answers the envelope's `result`. */
export type Api = <T>(request: Request, result: z.ZodType<T>) => Promise<T>;

/**
 * Cloudflare's API v4 with a token. Calls end by cancellation of the activity and have a time-out.
 *
 * @throws from each call, WiringInvalid for what Cloudflare rejects, NotReached for what may pass
 */
export function cloudflareApi(token: string, endpoint: string = ENDPOINT): Api {
  return async ({ what, method, path, body }, result) => {
    const response = await send(what, `${endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: callSignal(CALL_MS),
    });
    const envelope = Envelope.safeParse(response.body);
    const reasons = envelope.data?.errors.map(({ code, message }) => `${code} ${message}`).join('; ');
    if (response.status >= 400 || !envelope.data?.success) {
      throw rejected(what, response.status, reasons || 'without a reason');
    }
    const parsed = result.safeParse(envelope.data.result);
    if (parsed.success) return parsed.data;
    throw fault('NotReached', `could not ${what}: Cloudflare answers something else: ${z.prettifyError(parsed.error)}`);
  };
}

async function send(what: string, url: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch (cause) {
    // `fetch failed` says nothing; its cause says what did.
    rethrow(`could not ${what}`, (cause as Error).cause ?? cause, false);
  }
}

function rejected(what: string, status: number, reasons: string): Error {
  const why = `could not ${what}: Cloudflare answers ${status}: ${reasons}`;
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 429;
  return mayPass ? fault('NotReached', why) : refusal('WiringInvalid', why);
}
