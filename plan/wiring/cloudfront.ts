import { z } from 'zod';
import { Aws } from './common.ts';

/** A CloudFront distribution whose cached answers are thrown away after the cutover. */
export const shared = z.strictObject({
  aws: Aws,
  distribution: z.string(),
  /** Where clients reach the system through it; unless it is given, only AWS is asked how the distribution is. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  paths: z.array(z.string().startsWith('/')).min(1),
});

/** Nothing differs by region. */
export const region = z.strictObject({});
