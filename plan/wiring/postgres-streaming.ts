import { z } from 'zod';
import { Duration } from '../duration.ts';
import { Aws, Port, SecretName } from './common.ts';

/** PostgreSQL with streaming replication, one server per region, each under a Lifeboat guard. */
export const shared = z.strictObject({
  database: z.string(),
  user: z.string(),
  passwordSecret: SecretName,
  /** Verified TLS, or none on a private network or in the lab. */
  tls: z.enum(['verify-full', 'disable']).default('verify-full'),
  replication: z.enum(['asynchronous', 'synchronous']),
  /** The lease that the guard of a primary must hold; absent, fencing is put to a gate. */
  lease: z
    .strictObject({
      bucket: z.string(),
      key: z.string(),
      aws: Aws,
      /** A primary that cannot renew for this long stops itself. */
      ttl: Duration,
      /** How far the clocks of the regions may be apart. */
      clockSkew: Duration,
    })
    .optional(),
});

export const region = z.strictObject({ host: z.string(), port: Port });
