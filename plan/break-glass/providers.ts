import type { ProviderName } from '../wiring/index.ts';
import type { ByHand } from './instruction.ts';
import { clickhouse } from './providers/clickhouse.ts';
import { cloudflare } from './providers/cloudflare.ts';
import { cloudfront } from './providers/cloudfront.ts';
import { elbv2 } from './providers/elbv2.ts';
import { kubernetes } from './providers/kubernetes.ts';
import { natsStream } from './providers/nats.ts';
import { postgresStreaming } from './providers/postgres-streaming.ts';
import { redisCache } from './providers/redis.ts';
import { route53 } from './providers/route53.ts';

/** How people do each provider's steps by hand. A provider without an entry does not compile. */
export const BY_HAND: { [P in ProviderName]: ByHand<P> } = {
  'postgres-streaming': postgresStreaming,
  clickhouse,
  nats: natsStream,
  kubernetes,
  elbv2,
  route53,
  cloudflare,
  redis: redisCache,
  cloudfront,
};
