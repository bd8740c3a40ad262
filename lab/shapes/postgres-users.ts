import type { Shape } from './shape.ts';

/** The users of a system's PostgreSQL, with the secrets that hold their passwords. */
export const postgresUsers = (system: string) =>
  ({
    application: { name: 'application', secret: `${system}/postgres-application` },
    lifeboat: { name: 'lifeboat', secret: `${system}/postgres` },
    replicator: { name: 'replicator', secret: `${system}/postgres-replicator` },
  }) satisfies Shape['database']['users'];

/** The names of these secrets. */
export const postgresSecrets = (system: string): string[] =>
  Object.values(postgresUsers(system)).map(({ secret }) => secret);
