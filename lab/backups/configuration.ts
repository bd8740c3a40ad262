import { join } from 'node:path';
import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';

const Variables = z
  .object({
    LAB_DATABASE_HOSTS: z.string().min(1),
    LAB_REPLICATOR: z.string().min(1),
    LAB_REPLICATOR_SECRET: z.string().min(1),
    LAB_BACKUP_PREFIX: z.string().min(1),
    LAB_C_HOST: Host,
    LAB_POSTGRES_PORT: Port,
    LAB_BACKUPS_PORT: Port,
    LAB_FOLDER: z.string().min(1),
    LIFEBOAT_SECRETS_DIR: z.string().min(1),
    LAB_PG_BASEBACKUP: z.string().min(1),
    LAB_PG_VERIFYBACKUP: z.string().min(1),
    LOG_LEVEL: z.string().default('info'),
  })
  .transform((env) => ({
    host: env.LAB_C_HOST,
    port: env.LAB_BACKUPS_PORT,
    databases: { hosts: env.LAB_DATABASE_HOSTS, port: env.LAB_POSTGRES_PORT },
    replicator: { user: env.LAB_REPLICATOR, secret: env.LAB_REPLICATOR_SECRET },
    prefix: env.LAB_BACKUP_PREFIX,
    programs: { copy: env.LAB_PG_BASEBACKUP, verify: env.LAB_PG_VERIFYBACKUP },
    folder: join(env.LAB_FOLDER, 'third-place', 'backups'),
    secrets: env.LIFEBOAT_SECRETS_DIR,
    logLevel: env.LOG_LEVEL,
  }));

export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/backups', Variables);
}
