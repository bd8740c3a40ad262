/**
 * Failures of the one who asks: no such name, no network of one's own, a certificate that cannot be checked. They say
 * nothing of the one who was asked. Refused, reset and silent connections do.
 */
const OWN_FAILURES = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EACCES', 'EPERM', 'EMFILE', 'EADDRNOTAVAIL'],
  ...[
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

/** Whether a connection that failed with this code leaves open if the other side is there. */
export function cannotTell(code: string | undefined): boolean {
  return code !== undefined && OWN_FAILURES.has(code);
}
