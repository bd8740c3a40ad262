import { z } from 'zod';
import { Port, SecretName } from './common.ts';

/** A Redis that holds nothing of its own: it is rebuilt from the database after a failover. */
export const shared = z.strictObject({
  passwordSecret: SecretName.optional(),
  /** The plan's database component that the entries come from. */
  database: z.string(),
  /** Each row of the query becomes one key. */
  entries: z
    .array(
      z.strictObject({
        /** A SELECT. Columns `key` and `value`, both text. */
        query: z.string(),
        /** Seconds until an entry expires; never when absent. */
        ttl: z.coerce.number().int().positive().optional(),
      }),
    )
    .min(1),
  /** Keys with this prefix are of this cache and are emptied before it is rebuilt. */
  prefix: z.string().min(1),
});

export const region = z.strictObject({ host: z.string(), port: Port });
