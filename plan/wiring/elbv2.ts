import { z } from 'zod';
import { Aws, Port } from './common.ts';

/** Targets of an AWS load balancer's target group, one group per region. */
export const shared = z.strictObject({});

export const region = z.strictObject({
  aws: Aws,
  /** Name of the target group. */
  targetGroup: z.string(),
  /** Instance ids or addresses that must be registered when the region serves. */
  targets: z.array(z.strictObject({ id: z.string(), port: Port })).min(1),
});
