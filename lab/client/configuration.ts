import { join } from 'node:path';
import { z } from 'zod';
import { Host, Port, readConfiguration } from '../program.ts';
import { readSecret } from '../secrets.ts';
import type { DatabaseTarget } from './write-order.ts';

const Text = z.string().min(1);

const Variables = z
  .object({
    LAB_C_HOST: Host,
    LAB_CLIENT_PORT: Port,
    LAB_FOLDER: Text,
    LOG_LEVEL: z.string().default('info'),
  })
  .transform((env) => ({
    host: env.LAB_C_HOST,
    port: env.LAB_CLIENT_PORT,
    ledgerFile: join(env.LAB_FOLDER, 'third-place', 'client', 'ledger.jsonl'),
    logLevel: env.LOG_LEVEL,
  }));

/** Orders go to the application, by a name. */
const ByName = z
  .object({ LAB_C_HOST: Host, LAB_CLIENT_NAME: Text, LAB_DNS_PORT: Port, LAB_APPLICATION_PORT: Port })
  .transform((env) => ({
    name: env.LAB_CLIENT_NAME,
    resolver: `${env.LAB_C_HOST}:${env.LAB_DNS_PORT}`,
    applicationPort: env.LAB_APPLICATION_PORT,
  }));

/** Orders go to the database itself. */
const ToDatabase = z
  .object({
    /** `<instance>=<address>`, separated by commas. */
    LAB_CLIENT_INSTANCES: z.string().transform((text) => text.split(',').map((pair) => pair.split('='))),
    LAB_POSTGRES_PORT: Port,
    LAB_DATABASE: Text,
    LAB_DATABASE_USER: Text,
    LAB_DATABASE_SECRET: Text,
    LIFEBOAT_SECRETS_DIR: Text,
  })
  .transform((env) => ({
    instances: Object.fromEntries(env.LAB_CLIENT_INSTANCES) as Record<string, string>,
    port: env.LAB_POSTGRES_PORT,
    database: env.LAB_DATABASE,
    user: env.LAB_DATABASE_USER,
    secret: { folder: env.LIFEBOAT_SECRETS_DIR, name: env.LAB_DATABASE_SECRET },
  }));

export type Configuration = z.infer<typeof Variables>;

export const configuration = (): Configuration => readConfiguration('lab/client', Variables);

/** Null where orders go to the database. */
export function nameTarget(): z.infer<typeof ByName> | null {
  return process.env['LAB_CLIENT_NAME'] ? readConfiguration('lab/client', ByName) : null;
}

export async function databaseTarget(): Promise<DatabaseTarget> {
  const { secret, ...target } = readConfiguration('lab/client', ToDatabase);
  return { ...target, password: await readSecret(secret.folder, secret.name) };
}
