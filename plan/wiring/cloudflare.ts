import { z } from 'zod';
import { DnsRecord, HostPort, SecretName } from './common.ts';

/** Records of a Cloudflare zone. */
export const shared = z.strictObject({
  /** Replaces Cloudflare's own API address. */
  endpoint: z.url().optional(),
  tokenSecret: SecretName,
  zone: z.string(),
  records: z.array(DnsRecord).min(1),
  resolvers: z.array(HostPort).default([]),
});

export const region = z.strictObject({ values: z.array(z.string()).min(1) });
