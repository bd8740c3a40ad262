import { clickhouse } from './subjects/clickhouse.ts';
import { cloudflare } from './subjects/cloudflare.ts';
import { cloudfront } from './subjects/cloudfront.ts';
import { elbv2 } from './subjects/elbv2.ts';
import { evidence } from './subjects/evidence.ts';
import { kubernetes } from './subjects/kubernetes.ts';
import { looks } from './subjects/looks.ts';
import { nats } from './subjects/nats.ts';
import { notify } from './subjects/notify.ts';
import { postgres } from './subjects/postgres.ts';
import { postgresMoves } from './subjects/postgres-moves.ts';
import { redis } from './subjects/redis.ts';
import { route53 } from './subjects/route53.ts';
import type { Theatre } from './subjects/subject.ts';

/** By provider: every verb of the contract, what changes something and what puts it back. */
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
  'postgres-moves': postgresMoves,
  looks,
  notify,
  evidence,
};
