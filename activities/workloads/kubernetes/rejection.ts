import { ApiException } from '@kubernetes/client-node';
import { rethrow } from '../../rethrow.ts';

/** Somebody else wrote since the `resourceVersion` that a write named. */
export function isConflict(cause: unknown): boolean {
  return cause instanceof ApiException && cause.code === 409;
}

/**
 * Throws what failed a call to the API server: `WiringInvalid` for what the server rejects as wrong, the retryable
 * `NotReached` for what may pass.
 *
 * @param what completes "could not …"
 */
export function rethrowFromCluster(what: string, cause: unknown): never {
  if (!(cause instanceof ApiException)) rethrow(`could not ${what}`, deepest(cause), false);
  const mayPass = cause.code >= 500 || cause.code === 408 || cause.code === 429;
  rethrow(`could not ${what}: ${cause.code}`, messageOf(cause.body), !mayPass);
}

/** `fetch failed` says nothing; its cause says `connect ECONNREFUSED 127.0.0.20:6443`. */
function deepest(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? error : deepest(cause);
}

/** The sentence of Kubernetes' `Status` object. */
function messageOf(body: unknown): string {
  try {
    const { message } = typeof body === 'string' ? JSON.parse(body) : body;
    return message;
  } catch {
    return String(body);
  }
}
