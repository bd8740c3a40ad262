import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { primaryOf, servingSites, targetGroupName } from '../shapes/shape.ts';
import { awsClient } from './aws-client.ts';
import { defaultVpc } from './default-vpc.ts';
import { located, type Provisioned } from './wiring.ts';

/** A target group in each site; at first only the primary's has the application registered. */
export async function provisionTargetGroups(lab: Provisioned): Promise<void> {
  await Promise.all(servingSites(lab.shape).map((site) => provisionTargetGroup(lab, site)));
}

async function provisionTargetGroup(lab: Provisioned, site: string): Promise<void> {
  const aws = awsClient(lab.wiring, site);
  const elb = new ElasticLoadBalancingV2Client(aws);
  const name = targetGroupName(lab.shape, site);
  if (await exists(elb, name)) return;
  const { host, port } = located(lab, site, 'APPLICATION');
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: port,
      VpcId: await defaultVpc(aws),
      HealthCheckPath: '/health',
    }),
  );
  if (site !== primaryOf(lab.shape)) return;
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: host, Port: port }] }));
}

async function exists(elb: ElasticLoadBalancingV2Client, name: string): Promise<boolean> {
  try {
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [name] }));
    return (TargetGroups ?? []).length > 0;
  } catch (cause) {
    if (cause instanceof TargetGroupNotFoundException) return false;
    throw cause;
  }
}
