import { z } from 'zod';
import { SecretName } from './common.ts';

/** Deployments of one namespace, one cluster per region. */
export const shared = z.strictObject({
  namespace: z.string(),
  /** Full strength, reached by scaling up in the region that takes over. */
  deployments: z
    .array(
      z.strictObject({
        name: z.string(),
        replicas: z.coerce.number().int().min(1),
        /** Strength in the region that stands by, after a planned move has left it; as it is when absent. */
        standbyReplicas: z.coerce.number().int().min(0).optional(),
      }),
    )
    .min(1),
  /** The Secret that tells the workloads where the database is; written before the rollout. */
  databaseSecret: z.strictObject({
    name: z.string(),
    hostKey: z.string(),
    portKey: z.string(),
    /** The plan's database component. */
    component: z.string(),
  }),
});

export const region = z.strictObject({ kubeconfigSecret: SecretName });
