import { type ZodType, z } from 'zod';
import type { ComponentKind } from '../schema.ts';
import * as clickhouse from './clickhouse.ts';
import * as cloudflare from './cloudflare.ts';
import * as cloudfront from './cloudfront.ts';
import * as elbv2 from './elbv2.ts';
import * as kubernetes from './kubernetes.ts';
import * as nats from './nats.ts';
import * as postgresStreaming from './postgres-streaming.ts';
import * as redis from './redis.ts';
import * as route53 from './route53.ts';

/** Every provider: the kind of component it serves and the wiring it asks of an environment. */
export const PROVIDERS = {
  'postgres-streaming': { kind: 'database', ...postgresStreaming },
  clickhouse: { kind: 'analytics', ...clickhouse },
  nats: { kind: 'stream', ...nats },
  kubernetes: { kind: 'workloads', ...kubernetes },
  elbv2: { kind: 'load-balancer', ...elbv2 },
  route53: { kind: 'dns', ...route53 },
  cloudflare: { kind: 'dns', ...cloudflare },
  redis: { kind: 'cache', ...redis },
  cloudfront: { kind: 'cdn', ...cloudfront },
} as const satisfies Record<string, { kind: ComponentKind; shared: ZodType; region: ZodType }>;

export type ProviderName = keyof typeof PROVIDERS;

/**
 * A component's wiring: what is shared by all regions, and what belongs to one. In `environments/*.yaml`:
 * `components: {database: {shared: {...}, regions: {us-east-1: {...}, eu-central-1: {...}}}}`.
 */
export interface Wiring<P extends ProviderName = ProviderName> {
  shared: z.infer<(typeof PROVIDERS)[P]['shared']>;
  regions: Record<string, z.infer<(typeof PROVIDERS)[P]['region']>>;
}

/** The schema of a provider's wiring; every named region is required. */
export function wiringSchema(provider: ProviderName, regions: readonly string[]): ZodType {
  const { shared, region } = PROVIDERS[provider];
  return z.strictObject({
    shared,
    regions: z.strictObject(Object.fromEntries(regions.map((name) => [name, region]))),
  });
}
