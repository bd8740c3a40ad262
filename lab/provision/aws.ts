import { provisionDistribution } from './distribution.ts';
import { provisionDns } from './dns.ts';
import { provisionTargetGroups } from './target-groups.ts';
import type { Provisioned } from './wiring.ts';

/**
 * All that the plan names at AWS but the bucket, which the guards' leases need before anything else. Answers the wiring
 * that only AWS can tell: the distribution's generated id.
 */
export async function provisionAws(lab: Provisioned): Promise<{ LAB_CDN_DISTRIBUTION: string }> {
  const [distribution] = await Promise.all([provisionDistribution(lab), provisionDns(lab), provisionTargetGroups(lab)]);
  return { LAB_CDN_DISTRIBUTION: distribution };
}
