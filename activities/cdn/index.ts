import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { cloudfront } from './cloudfront.ts';

/** The verbs of a content delivery network. */
export type CdnVerbs = Pick<Activities, 'invalidateCdn'>;

/** Verbs that make a content delivery network forget what it got from the old region. */
export function cdnActivities(_deps: Deps): CdnVerbs {
  const providers = {
    cloudfront: cloudfront(),
  };
  return byProvider<CdnVerbs>(providers, ['invalidateCdn']);
}
