import { setTimeout as sleep } from 'node:timers/promises';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsOptions } from '../../aws.ts';
import { targetHealths } from '../../load-balancer/elbv2.ts';
import { healthText, registered, type TargetHealth } from '../../load-balancer/targets.ts';
import { wiringOf } from '../../provider.ts';
import { reasonOf } from '../../reason.ts';
import { type HealthLook, healthy, LOOK_MS, type Looked } from './health.ts';

/**
 * What the load balancer itself finds of the targets behind it. That AWS's API does not answer, or not in time, says
 * nothing of them, and neither does a group without targets: that is how a region that stands by has it.
 */
export const elbv2: HealthLook = async (component, region) => {
  const { aws, targetGroup } = wiringOf<'elbv2'>(component, region).region;
  const client = new ElasticLoadBalancingV2Client({ ...awsOptions(aws), maxAttempts: 1 });
  const found = targetHealths(client, targetGroup)
    .then((healths) => judgeTargets(targetGroup, registered(healths)))
    .catch((cause) => unknown(reasonOf(cause)));
  const late = sleep(LOOK_MS, unknown(`AWS does not answer within ${LOOK_MS} ms`), { ref: false });
  try {
    return await Promise.race([found, late]);
  } finally {
    client.destroy();
  }
};

const unknown = (detail: string): Looked => ({ health: 'unknown', detail });

/** Pure. Targets that are only just looked at are not yet known to be well or ill. */
export function judgeTargets(group: string, targets: readonly TargetHealth[]): Looked {
  if (targets.length === 0) return unknown(`no target is registered in ${group}`);
  const ill = targets.filter(({ state }) => state === 'unhealthy' || state === 'unhealthy.draining');
  const detail = healthText(ill, targets);
  if (ill.length === targets.length) return { health: 'failing', detail };
  if (ill.length > 0) return { health: 'degraded', detail };
  return targets.some(({ state }) => state === 'healthy') ? healthy : unknown(healthText(targets, targets));
}
