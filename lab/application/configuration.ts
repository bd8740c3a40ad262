import { z } from 'zod';
import { PRIMARY, REGIONS } from '../places.ts';
import { Host, Port, readConfiguration } from '../program.ts';

const Variables = z
  .object({
    LAB_REGION: z.enum(REGIONS),
    LAB_A_HOST: Host,
    LAB_B_HOST: Host,
    LAB_APPLICATION_PORT: Port,
    LAB_REDIS_PORT: Port,
    LAB_NATS_PORT: Port,
    LAB_CLICKHOUSE_PORT: Port,
    /** Fewer ready pods than this, and the region serves no orders. */
    LAB_MIN_READY: z.coerce.number().int().min(1).default(4),
    LIFEBOAT_SECRETS_DIR: z.string().min(1),
    LOG_LEVEL: z.string().default('info'),
  })
  .transform((env) => ({
    region: env.LAB_REGION,
    host: env.LAB_REGION === PRIMARY ? env.LAB_A_HOST : env.LAB_B_HOST,
    port: env.LAB_APPLICATION_PORT,
    redisPort: env.LAB_REDIS_PORT,
    natsPort: env.LAB_NATS_PORT,
    clickhousePort: env.LAB_CLICKHOUSE_PORT,
    minReady: env.LAB_MIN_READY,
    secretsFolder: env.LIFEBOAT_SECRETS_DIR,
    logLevel: env.LOG_LEVEL,
  }));

/** One region's application. Its cache, events and analytics are those of its own region, on its own `host`. */
export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/application', Variables);
}
