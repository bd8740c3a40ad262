import { clickhouse } from './subjects/clickhouse.ts';
import { cloudflare } from './subjects/cloudflare.ts';
import { cloudfront } from './subjects/cloudfront.ts';
import { elbv2 } from './subjects/elbv2.ts';
import { kubernetes } from './subjects/kubernetes.ts';
import { nats } from './subjects/nats.ts';
import { postgres } from './subjects/postgres.ts';
import { redis } from './subjects/redis.ts';
import { route53 } from './subjects/route53.ts';
import type { Theatre } from './subjects/subject.ts';

/** By provider: everything that the region failover changes, and what puts it back. */
export const THEATRES: Record<string, Theatre> = {
  route53,
  cloudflare,
  cloudfront,
  elbv2,
  kubernetes,
  nats,
  postgres,
  redis,
  clickhouse,
};
