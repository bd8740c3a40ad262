import { join } from 'node:path';
import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';

const Variables = z
  .object({
    LAB_C_HOST: Host,
    LAB_CLIENT_PORT: Port,
    LAB_DNS_PORT: Port,
    LAB_APPLICATION_PORT: Port,
    LAB_CLIENT_NAME: Host,
    LAB_FOLDER: z.string().min(1),
    LOG_LEVEL: z.string().default('info'),
  })
  .transform((env) => ({
    host: env.LAB_C_HOST,
    port: env.LAB_CLIENT_PORT,
    resolver: `${env.LAB_C_HOST}:${env.LAB_DNS_PORT}`,
    name: env.LAB_CLIENT_NAME,
    applicationPort: env.LAB_APPLICATION_PORT,
    ledgerFile: join(env.LAB_FOLDER, 'third-place', 'client', 'ledger.jsonl'),
    logLevel: env.LOG_LEVEL,
  }));

export type Configuration = z.infer<typeof Variables>;

export function configuration(): Configuration {
  return readConfiguration('lab/client', Variables);
}
