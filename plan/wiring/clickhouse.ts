import { z } from 'zod';
import { SecretName } from './common.ts';

/** Replicated tables, a replica in each region. */
export const shared = z.strictObject({
  database: z.string(),
  tables: z.array(z.string()).min(1),
  user: z.string().default('default'),
  passwordSecret: SecretName.optional(),
});

export const region = z.strictObject({ url: z.url() });
