import { z } from 'zod';
import { StarterError } from '../errors.ts';
import { knownSystems } from '../systems.ts';

const Settings = z.object({
  LIFEBOAT_ENVIRONMENT: z.string({ error: 'name the environment, such as "production"' }).min(1),
  LIFEBOAT_SECRETS_DIR: z.string({ error: 'name the folder of secrets' }).min(1),
  /** Separated by commas. */
  LIFEBOAT_SYSTEMS: z.string().optional(),
  LIFEBOAT_GATEWAY_HOST: z.string().default('127.0.0.1'),
  LIFEBOAT_GATEWAY_PORT: z.coerce.number().int().min(0).max(65535).default(8088),
});

export interface GatewaySettings {
  environment: string;
  secretsFolder: string;
  systems: string[];
  host: string;
  port: number;
}

/** Reads the gateway's settings from environment variables; names all that is wrong at once. */
export function gatewaySettings(env: NodeJS.ProcessEnv): GatewaySettings {
  const parsed = Settings.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new StarterError('usage', problems.join('; '));
  }
  const { data } = parsed;
  const systems = listed(data.LIFEBOAT_SYSTEMS) ?? knownSystems(data.LIFEBOAT_ENVIRONMENT);
  if (systems.length === 0) {
    throw new StarterError('usage', `no system in runbooks/ has an environment "${data.LIFEBOAT_ENVIRONMENT}"`);
  }
  return {
    environment: data.LIFEBOAT_ENVIRONMENT,
    secretsFolder: data.LIFEBOAT_SECRETS_DIR,
    systems,
    host: data.LIFEBOAT_GATEWAY_HOST,
    port: data.LIFEBOAT_GATEWAY_PORT,
  };
}

function listed(names: string | undefined): string[] | undefined {
  return names
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name.length > 0);
}
