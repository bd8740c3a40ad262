import type { Secrets } from '../secrets.ts';
import { call } from './call.ts';
import type { Deliver } from './deliver.ts';

/** Posts a notice as JSON, as it is; any 2xx is a delivery. The header `idempotency-key` is the delivery's key. */
export function webhook(secrets: Secrets): Deliver<'webhook'> {
  return async ({ url, tokenSecret }, notice, key) => {
    const token = tokenSecret === undefined ? undefined : await secrets.get(tokenSecret);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    await call({ method: 'POST', url, headers: { 'idempotency-key': key, ...authorization }, body: notice });
    return 'posted';
  };
}
