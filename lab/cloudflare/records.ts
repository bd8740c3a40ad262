import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

/** DNS records as Cloudflare's API v4 shows them, and what it takes. */

const HostName = z
  .string()
  .regex(/^(@|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)$/i, { error: 'expected a host name, or "@" for the zone itself' });

/** The content that a record of each type may have; TXT takes any text of one line. */
const CONTENT = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: (content: string) => HostName.safeParse(content).success,
  TXT: (content: string) => /^[^\r\n]+$/.test(content),
} as const;

const Fields = z.object({
  name: HostName,
  type: z.enum(Object.keys(CONTENT) as (keyof typeof CONTENT)[]),
  content: z.string(),
  /** Seconds. Cloudflare reads 1 as "automatic"; this zone really serves one second. */
  ttl: z.int().min(1).max(86_400).default(1),
  proxied: z.boolean().default(false),
  comment: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
});

/** What `POST` and `PUT` take. */
export const NewRecord = Fields.refine(({ type, content }) => CONTENT[type](content), {
  error: 'content does not fit the type of the record',
  path: ['content'],
});
export type NewRecord = z.infer<typeof NewRecord>;

/** What a `PATCH` takes: fields that are not named have no default. */
export const PartialRecord = z.object({
  name: HostName.optional(),
  type: Fields.shape.type.optional(),
  content: z.string().optional(),
  ttl: z.int().min(1).max(86_400).optional(),
  proxied: z.boolean().optional(),
  comment: z.string().nullable().optional(),
  tags: z.array(z.string()).optional(),
});
export type PartialRecord = z.infer<typeof PartialRecord>;

export const DnsRecord = Fields.extend({
  id: z.string(),
  proxiable: z.boolean(),
  created_on: z.string(),
  modified_on: z.string(),
});
export type DnsRecord = z.infer<typeof DnsRecord>;

/** The full name of a record: Cloudflare takes `@`, `www` and `www.example.com` alike. */
export function fullName(name: string, zone: string): string {
  const lower = name.toLowerCase().replace(/\.$/, '');
  if (lower === '@' || lower === zone) return zone;
  return lower.endsWith(`.${zone}`) ? lower : `${lower}.${zone}`;
}
