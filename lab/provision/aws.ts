import { provisionDistribution } from './distribution.ts';
import { provisionDns } from './dns.ts';
import { provisionTargetGroups } from './target-groups.ts';
import type { Wiring } from './wiring.ts';

/**
 * All that the plan names at AWS but the bucket, which the guards' leases need before anything else. Answers the wiring
 * that only AWS can tell: the distribution's generated id.
 */
export async function provisionAws(wiring: Wiring): Promise<{ LAB_CDN_DISTRIBUTION: string }> {
  const [distribution] = await Promise.all([
    provisionDistribution(wiring),
    provisionDns(wiring),
    provisionTargetGroups(wiring),
  ]);
  return { LAB_CDN_DISTRIBUTION: distribution };
}
