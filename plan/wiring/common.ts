import { z } from 'zod';

/** A TCP or UDP port; environment variables arrive as text, so numbers in text are taken too. */
export const Port = z.coerce.number().int().min(1).max(65535);

/** `host:port`. */
export const HostPort = z.string().regex(/^[^\s:]+:\d+$/, { error: 'expected "host:port"' });

/** The name of a secret that the worker resolves: `teei-csr/postgres`. Never the secret itself. */
export const SecretName = z.string().regex(/^[a-z0-9][a-z0-9/_.-]*$/, {
  error: 'expected the name of a secret such as "teei-csr/postgres", not the secret',
});

/** Where an AWS API answers; `endpoint` replaces AWS's own address. */
export const Aws = z.strictObject({ region: z.string(), endpoint: z.url().optional() });

/** A DNS record that is moved, and what it must answer in each region. */
export const DnsRecord = z.strictObject({
  name: z.string(),
  type: z.enum(['A', 'AAAA', 'CNAME']),
  /** Seconds. */
  ttl: z.coerce.number().int().min(0).max(86400),
});
