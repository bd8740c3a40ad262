import type { Activities } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { byProvider } from '../provider.ts';
import { cloudflare } from './cloudflare.ts';
import { route53 } from './route53.ts';

/** The verbs of DNS. */
export type DnsVerbs = Pick<Activities, 'captureDns' | 'cutOverDns' | 'restoreDns'>;

/** Verbs that lead clients to another region by the names they know. */
export function dnsActivities(deps: Deps): DnsVerbs {
  const providers = {
    route53: route53(),
    cloudflare: cloudflare(deps),
  };
  return byProvider<DnsVerbs>(providers, ['captureDns', 'cutOverDns', 'restoreDns']);
}
