import { join } from 'node:path';
import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';

const Variables = z
  .object({
    LAB_C_HOST: Host,
    LAB_CLOUDFLARE_PORT: Port,
    LAB_ZONE: z.string().min(1),
    LAB_TOKEN_SECRET: z.string().min(1),
    LAB_FOLDER: z.string().min(1),
    LIFEBOAT_SECRETS_DIR: z.string().min(1),
  })
  .transform((env) => ({
    host: env.LAB_C_HOST,
    port: env.LAB_CLOUDFLARE_PORT,
    zone: env.LAB_ZONE,
    tokenSecret: env.LAB_TOKEN_SECRET,
    folder: join(env.LAB_FOLDER, 'third-place', 'cloudflare'),
    secretsFolder: env.LIFEBOAT_SECRETS_DIR,
  }));

export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/cloudflare', Variables);
}
