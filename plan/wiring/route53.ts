import { z } from 'zod';
import { Aws, DnsRecord, HostPort } from './common.ts';

/** Records of a Route 53 hosted zone. */
export const shared = z.strictObject({
  aws: Aws,
  /** The zone's name, `example.com`. */
  zone: z.string(),
  records: z.array(DnsRecord).min(1),
  /** Servers asked for the authoritative answer; the zone's own name servers when empty. */
  resolvers: z.array(HostPort).default([]),
});

/** What the records answer when this region serves. */
export const region = z.strictObject({ values: z.array(z.string()).min(1) });
