import canonicalize from 'canonicalize';
import { z } from 'zod';

/** What a person can tell a recovery to do, and the last two an incident. */
export const Verb = z.enum(['approve', 'reject', 'abort', 'retry', 'skip', 'rollback', 'acknowledge', 'override']);
export type Verb = z.infer<typeof Verb>;

/** The namespace of the SSH signature: a signature made for anything else is not a decision. */
export const SIGNATURE_NAMESPACE = 'lifeboat-decision@v1';

/**
 * What is signed, as canonical JSON (RFC 8785). It binds the decision to one run, one plan, one gate or phase, the
 * facts that were seen, and a time after which it is void.
 */
export const Statement = z.strictObject({
  type: z.literal('lifeboat/decision/v1'),
  verb: Verb,
  workflowId: z.string(),
  runId: z.string(),
  planHash: z.string(),
  /**
   * The gate (approve, reject) or the phase (retry, skip); `recovery` for abort and rollback, `incident` for
   * acknowledge and override.
   */
  target: z.string(),
  /** What is approved, in words: `region-failover us-east-1 -> eu-central-1`. */
  action: z.string(),
  /** SHA-256 of the facts that the gate showed; null where there is no gate. */
  factsDigest: z.string().nullable(),
  identity: z.string(),
  reason: z.string().max(1000).nullable(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  nonce: z.string().min(16).max(64),
});
export type Statement = z.infer<typeof Statement>;

/** The envelope that travels: the very text that was signed, and the armored SSH signature. */
export const SignedDecision = z.strictObject({
  statement: z.string().max(8192),
  signature: z.string().max(8192),
});
export type SignedDecision = z.infer<typeof SignedDecision>;

/** The very text that is signed. */
export function statementText(statement: Statement): string {
  return canonicalize(statement) as string;
}
