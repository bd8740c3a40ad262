import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { addressesOf, resolve } from '../verify/dns.ts';

/**
 * The regions that the service's name leads to, by what each region's DNS components answer when it serves. All servers
 * are asked, since one that lags still sends its clients to the other region. Empty when nobody answers.
 */
export async function servingRegions(plan: RecoveryPlan): Promise<string[]> {
  const { host, resolvers } = plan.service;
  const servers = resolvers.length === 0 ? [null] : resolvers;
  const answers = await Promise.all(servers.map((server) => resolve(server, host).catch(() => [])));
  const addresses = new Set(answers.flat());
  if (addresses.size === 0) return [];
  const regions = [plan.regions.primary, plan.regions.standby];
  const owned = await Promise.all(regions.map((region) => addressesOf(plan, region).catch(() => [])));
  return regions.filter((_, index) => owned[index]?.some((address) => addresses.has(address)));
}
