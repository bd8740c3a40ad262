import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';

const Text = z.string().min(1);

const Variables = z
  .object({
    LAB_SITE: Text,
    LAB_HOST: Host,
    LAB_DATABASE: Text,
    LAB_DATABASE_USER: Text,
    LAB_DATABASE_SECRET: Text,
    LAB_KUBECONFIG_SECRET: Text,
    LAB_NAMESPACE: Text,
    LAB_ANALYTICS_DATABASE: Text,
    LAB_CACHE_PREFIX: Text,
    LAB_APPLICATION_PORT: Port,
    LAB_REDIS_PORT: Port,
    LAB_NATS_PORT: Port,
    LAB_CLICKHOUSE_PORT: Port,
    /** Fewer ready pods than this, and the site serves no orders. */
    LAB_MIN_READY: z.coerce.number().int().min(1).default(4),
    LIFEBOAT_SECRETS_DIR: Text,
    LOG_LEVEL: z.string().default('info'),
  })
  .transform((env) => ({
    region: env.LAB_SITE,
    host: env.LAB_HOST,
    database: { name: env.LAB_DATABASE, user: env.LAB_DATABASE_USER, secret: env.LAB_DATABASE_SECRET },
    workloads: { kubeconfigSecret: env.LAB_KUBECONFIG_SECRET, namespace: env.LAB_NAMESPACE },
    analyticsDatabase: env.LAB_ANALYTICS_DATABASE,
    cachePrefix: env.LAB_CACHE_PREFIX,
    port: env.LAB_APPLICATION_PORT,
    redisPort: env.LAB_REDIS_PORT,
    natsPort: env.LAB_NATS_PORT,
    clickhousePort: env.LAB_CLICKHOUSE_PORT,
    minReady: env.LAB_MIN_READY,
    secretsFolder: env.LIFEBOAT_SECRETS_DIR,
    logLevel: env.LOG_LEVEL,
  }));

/** One site's application. Its cache, events and analytics are those of its own site, on its own `host`. */
export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/application', Variables);
}
